package ociimage

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"serverless-mcp/internal/emulator/awsfake"
)

// world is a registry with one repository, and a fake ECR that issues its
// credentials.
type world struct {
	registry, ecr *httptest.Server
	uploads       atomic.Int32 // manifests and layers that were sent
}

func newWorld(t *testing.T, o awsfake.Options) *world {
	t.Helper()
	w := &world{}
	images := awsfake.NewRegistry("mcp")
	w.registry = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w.uploads.Add(1)
		}
		images.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.registry.Close)
	w.ecr = httptest.NewServer(awsfake.NewECR(o, w.registry.URL))
	t.Cleanup(w.ecr.Close)
	return w
}

func (w *world) config() aws.Config {
	return aws.Config{
		Region: "eu-central-1", BaseEndpoint: &w.ecr.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	}
}

func TestLoginAndPush(t *testing.T) {
	w := newWorld(t, awsfake.Options{})
	registry, err := Login(t.Context(), w.config())
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(w.registry.URL, "http://")
	if registry.Host != host {
		t.Fatalf("host = %q, want %q", registry.Host, host)
	}
	image := assemble(t, "arm64")
	digest, err := Digest(image)
	if err != nil {
		t.Fatal(err)
	}
	for i, wantPushed := range []bool{true, false} {
		reference, pushed, err := Push(t.Context(), host+"/mcp", image, registry.Auth)
		if err != nil || pushed != wantPushed || reference != host+"/mcp@"+digest {
			t.Fatalf("push %d = %q, %v, %v; want the digest %s, pushed %v", i, reference, pushed, err, digest, wantPushed)
		}
	}
	// "cdk gc" finds this tag in the deployed template.
	tag, err := name.NewTag(host + "/mcp:" + strings.TrimPrefix(digest, "sha256:"))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := remote.Head(tag, remote.WithAuth(registry.Auth)); err != nil || found.Digest.String() != digest {
		t.Errorf("tag %s: %v, %v; want the image", tag, found, err)
	}
	if n := w.uploads.Load(); n != 4 {
		t.Errorf("%d uploads, want two layers, the config and the manifest, once", n)
	}

	ref, err := name.NewDigest(host + "/mcp@" + digest)
	if err != nil {
		t.Fatal(err)
	}
	back, err := remote.Image(ref, remote.WithAuth(registry.Auth), remote.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(back); err != nil {
		t.Errorf("the pulled image is not valid: %v", err)
	}
	config, err := back.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/mcpd"}, config.Config.Entrypoint); diff != "" {
		t.Errorf("entry point of the pulled image (-want +got):\n%s", diff)
	}
}

func TestPushErrors(t *testing.T) {
	w := newWorld(t, awsfake.Options{})
	host := strings.TrimPrefix(w.registry.URL, "http://")
	image := assemble(t, "arm64")
	registry, err := Login(t.Context(), w.config())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Push(t.Context(), host+"/elsewhere", image, registry.Auth); !errors.Is(err, ErrNoRepository) {
		t.Errorf("push to a missing repository: %v", err)
	}
	if _, _, err := Push(t.Context(), host+"/mcp", image, authn.Anonymous); err == nil || errors.Is(err, ErrNoRepository) {
		t.Errorf("push without credentials: %v", err)
	}
	if _, _, err := Push(t.Context(), "No Repository", image, registry.Auth); err == nil {
		t.Error("pushed to an invalid repository name")
	}
}

func TestLoginErrors(t *testing.T) {
	for name, fault := range map[string]*awsfake.Fault{
		"denied":   {Error: &awsfake.Error{Status: 400, Code: "AccessDeniedException", Message: "no"}},
		"no token": {Garbage: `{"authorizationData":[]}`},
		"garbage":  {Garbage: `{"authorizationData":[{"authorizationToken":"` + base64.StdEncoding.EncodeToString([]byte("nothing")) + `","proxyEndpoint":"https://x"}]}`},
	} {
		w := newWorld(t, awsfake.Options{Fail: func(string) *awsfake.Fault { return fault }})
		if _, err := Login(t.Context(), w.config()); err == nil || strings.Contains(err.Error(), "nothing") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}
