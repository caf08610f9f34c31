package keystore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
)

const (
	keyA    = "0123456789-_abcdefghijklmnopqrst-A"
	keyB    = "0123456789-_abcdefghijklmnopqrst-B"
	unknown = "0123456789-_abcdefghijklmnopqrst-?"
)

// answer is how Secrets Manager answers to one GetSecretValue.
type answer func(w http.ResponseWriter, r *http.Request)

func text(value string) answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"SecretString": value})
	}
}

func fault(status int, code, message string) answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", code)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
	}
}

func raw(status int, body string) answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func after(d time.Duration, then answer) answer {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d): // which takes no time in a synctest bubble
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

// issued is a document with those keys; each is named after its last letter.
func issued(keys ...string) answer {
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

// fake is a Secrets Manager with two secrets, "default" and "issued".
type fake struct {
	mu      sync.Mutex
	answers map[string]answer
	reads   map[string]int
}

func newFake(defaultKey, issuedKeys answer) *fake {
	return &fake{answers: map[string]answer{"default": defaultKey, "issued": issuedKeys}, reads: map[string]int{}}
}

func (f *fake) set(id string, a answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[id] = a
}

func (f *fake) count(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads[id]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ SecretId string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
		fault(400, "ValidationException", "not understood")(w, r)
		return
	}
	f.mu.Lock()
	a := f.answers[in.SecretId]
	f.reads[in.SecretId]++
	f.mu.Unlock()
	a(w, r)
}

// client is the real SDK client, which calls the fake without a network: only
// so does the clock of a synctest bubble run on while it waits.
func (f *fake) client() *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String("http://secretsmanager.test"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example"}, nil
		}),
		HTTPClient: f,
		Retryer:    aws.NopRetryer{},
	})
}

// Do implements the SDK's HTTPClient.
func (f *fake) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}
