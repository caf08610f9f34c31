package keystore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/test/direct"
)

const (
	keyA    = "0123456789-_abcdefghijklmnopqrst-A"
	keyB    = "0123456789-_abcdefghijklmnopqrst-B"
	unknown = "0123456789-_abcdefghijklmnopqrst-?"
)

// response writes the response to one GetSecretValue.
type response func(w http.ResponseWriter, r *http.Request)

func text(value string) response {
	return func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"SecretString": value})
	}
}

func fault(status int, code, message string) response {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", code)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
	}
}

func raw(status int, body string) response {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func after(d time.Duration, then response) response {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d): // takes no real time in a synctest bubble
			then(w, r)
		case <-r.Context().Done():
		}
	}
}

var (
	noValue = fault(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
	noSuch  = fault(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	denied  = fault(400, "AccessDeniedException", "User is not authorized to perform: secretsmanager:GetSecretValue")
	failing = fault(500, "InternalServiceError", "An error occurred on the server side.")
)

// issued responds with a document of the keys; the last letter of each is its name.
func issued(keys ...string) response {
	var d apikey.Document
	for _, k := range keys {
		d.Keys = append(d.Keys, apikey.Key{ID: strings.ToLower(k[len(k)-1:]), SHA256: apikey.Hash(k)})
	}
	data, err := d.Marshal()
	if err != nil {
		panic(err)
	}
	return text(string(data))
}

// fake is a fake Secrets Manager with two secrets, "default" and "issued".
type fake struct {
	mu        sync.Mutex
	responses map[string]response
	reads     map[string]int
}

func newFake(defaultKey, issuedKeys response) *fake {
	return &fake{responses: map[string]response{"default": defaultKey, "issued": issuedKeys}, reads: map[string]int{}}
}

func (f *fake) set(id string, a response) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.responses[id] = a
}

func (f *fake) count(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads[id]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ SecretId string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
		fault(400, "ValidationException", "unknown request")(w, r)
		return
	}
	f.mu.Lock()
	a := f.responses[in.SecretId]
	f.reads[in.SecretId]++
	f.mu.Unlock()
	a(w, r)
}

// client returns the real SDK client, which calls the fake without a network:
// otherwise the clock of a synctest bubble does not advance while it waits.
func (f *fake) client() *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String("http://secretsmanager.test"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example"}, nil
		}),
		HTTPClient: direct.Client{Handler: f},
		Retryer:    aws.NopRetryer{},
	})
}
