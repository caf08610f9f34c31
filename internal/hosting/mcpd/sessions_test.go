package mcpd

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

type secret string

func (s secret) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if s == "" {
		return nil, errors.New("no such secret")
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(string(s))}, nil
}

func TestNewSessions(t *testing.T) {
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	for name, c := range map[string]struct {
		env       string
		value     secret
		want, err bool
	}{
		"stateless":  {"", "0123456789abcdef", false, false},
		"stateful":   {"arn:x", "0123456789abcdef", true, false},
		"unreadable": {"arn:x", "", false, true},
		"too short":  {"arn:x", "0123", false, true},
	} {
		getenv := func(name string) string {
			if name == "SESSION_SECRET" {
				return c.env
			}
			return ""
		}
		ctx, end := context.WithCancel(t.Context())
		store, err := newSessions(ctx, getenv, c.value, addr, 0)
		if (store != nil) != c.want || (err != nil) != c.err {
			t.Errorf("%s: store %v, error %v", name, store != nil, err)
		}
		end()
		if store != nil {
			<-store.Closing() // otherwise listening clients delay the shutdown
		}
	}
}

func TestSelfAddress(t *testing.T) {
	addr := &net.TCPAddr{IP: net.IPv6unspecified, Port: 8080}
	for metadata, want := range map[string]string{
		`{"Networks":[{"NetworkMode":"awsvpc","IPv4Addresses":["10.0.2.106"]}]}`: "10.0.2.106:8080",
		`{"Networks":[]}`: "", `{}`: "", `nothing`: "",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, metadata) }))
		got, err := selfAddress(t.Context(), s.URL, addr)
		s.Close()
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v; want %q", metadata, got, err, want)
		}
	}
	if got, err := selfAddress(t.Context(), "", addr); got != "[::]:8080" || err != nil {
		t.Errorf("outside of ECS: %q, %v", got, err)
	}
}
