package awsfake

import (
	"context"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// TestFaults has one row for each fault, with the error that a real client returns.
func TestFaults(t *testing.T) {
	slow := make(chan struct{})
	tests := []struct {
		name  string
		fault *Fault
		want  string // part of the error, "" for success
	}{
		{"none", nil, ""},
		{"zero", &Fault{}, ""},
		{"slow", &Fault{Delay: func(context.Context) { close(slow) }}, ""},
		{"denied", &Fault{Error: &Error{Code: "AccessDeniedException", Message: "User: x is not authorized"}}, "AccessDeniedException: User: x is not authorized"},
		{"throttled", &Fault{Error: &Error{Code: "ThrottlingException", Message: "Rate exceeded"}}, "ThrottlingException: Rate exceeded"},
		{"broken", &Fault{Error: &Error{Status: 500, Code: "InternalServiceError", Message: "sorry"}}, "StatusCode: 500"},
		{"garbage", &Fault{Garbage: "<html>"}, "deserialization failed"},
		{"down", &Fault{Hangup: true}, "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			called := make(chan string, 2)
			s := NewSecretsManager(Options{
				Fail:   func(string) *Fault { return tt.fault },
				Called: func(op, caller string) { called <- op + " " + caller },
			})
			s.Create("s", "v")
			_, err := secretsClient(t, s).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if got := <-called; got != "GetSecretValue AKIDTEST" || len(called) != 0 {
				t.Errorf("called %q and %d times more", got, len(called))
			}
		})
	}
	<-slow // was waited for
}

func TestRawRequests(t *testing.T) {
	s := NewSecretsManager(Options{})
	const signed = "AWS4-HMAC-SHA256 Credential=AKID/20261121/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0"
	tests := []struct {
		name, authorization, target, body string
		status                            int
		want                              string
	}{
		{"unsigned", "", "GetSecretValue", "{}", 403, `{"Message":"Missing Authentication Token","__type":"MissingAuthenticationTokenException"}`},
		{"bearer", "Bearer x", "GetSecretValue", "{}", 403, `{"Message":"Missing Authentication Token","__type":"MissingAuthenticationTokenException"}`},
		{"half a credential", "AWS4-HMAC-SHA256 Credential=AKID/20261121", "GetSecretValue", "{}", 403, `{"Message":"Missing Authentication Token","__type":"MissingAuthenticationTokenException"}`},
		{"unknown operation", signed, "RotateSecret", "{}", 400, `{"Message":"operation \"RotateSecret\" is not supported here","__type":"UnknownOperationException"}`},
		{"no JSON", signed, "GetSecretValue", "x", 400, `{"Message":"invalid character 'x' looking for beginning of value","__type":"SerializationException"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(tt.body))
			r.Header.Set("X-Amz-Target", "secretsmanager."+tt.target)
			r.Header.Set("Authorization", tt.authorization)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			body, _ := io.ReadAll(w.Body)
			if w.Code != tt.status || string(body) != tt.want {
				t.Errorf("got %d %s, want %d %s", w.Code, body, tt.status, tt.want)
			}
			if w.Header().Get("Content-Type") != "application/x-amz-json-1.1" || w.Header().Get("X-Amzn-Requestid") == "" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}
