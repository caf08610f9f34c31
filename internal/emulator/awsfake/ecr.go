package awsfake

import (
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// ecrPassword is the registry password that GetAuthorizationToken returns.
const ecrPassword = "an-authorization-token"

// NewECR returns a fake of the Elastic Container Registry with the operation
// GetAuthorizationToken, for the [NewRegistry] at proxyEndpoint.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
func NewECR(o Options, proxyEndpoint string) http.Handler {
	o = o.withDefaults()
	type data struct {
		AuthorizationToken string  `json:"authorizationToken"`
		ExpiresAt          float64 `json:"expiresAt"`
		ProxyEndpoint      string  `json:"proxyEndpoint"`
	}
	return o.serveJSON("1.1", "AmazonEC2ContainerRegistry_V20150921", map[string]operation{
		"GetAuthorizationToken": decoded(func(struct{}) (any, error) {
			return map[string]any{"authorizationData": []data{{
				AuthorizationToken: base64.StdEncoding.EncodeToString([]byte("AWS:" + ecrPassword)),
				ExpiresAt:          float64(o.Now().Add(12 * time.Hour).Unix()),
				ProxyEndpoint:      proxyEndpoint,
			}}}, nil
		}),
	})
}

// NewRegistry returns a fake of ECR's image registry (OCI distribution protocol). It
// requires the password, does not create repositories, and rejects an existing tag,
// even for the same image, like the immutable repository of the CDK's bootstrap.
func NewRegistry(repositories ...string) http.Handler {
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	var tags []string
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "AWS" || password != ecrPassword {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry",service="ecr.amazonaws.com"`)
			distributionError(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
			return
		}
		repository, what, _ := cutPath(r.URL.Path)
		if repository != "" && !slices.Contains(repositories, repository) {
			distributionError(w, http.StatusNotFound, "NAME_UNKNOWN", "The repository with name '"+repository+"' does not exist in the registry")
			return
		}
		if r.Method == http.MethodPut && strings.HasPrefix(what, "manifests/") && !strings.HasPrefix(what, "manifests/sha256:") {
			if slices.Contains(tags, repository+what) {
				distributionError(w, http.StatusBadRequest, "TAG_INVALID", "The image tag already exists and cannot be overwritten because the repository is immutable.")
				return
			}
			tags = append(tags, repository+what)
		}
		images.ServeHTTP(w, r)
	})
}

// cutPath splits /v2/<repository>/<blobs, manifests or tags>/...
func cutPath(path string) (repository, what string, ok bool) {
	rest, _ := strings.CutPrefix(path, "/v2/")
	for _, kind := range []string{"/blobs/", "/manifests/", "/tags/"} {
		if before, after, found := strings.Cut(rest, kind); found {
			return before, kind[1:] + after, true
		}
	}
	return "", "", false
}

func distributionError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, "application/json", map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}
