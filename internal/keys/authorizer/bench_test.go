package authorizer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
)

// secrets is a fake Secrets Manager with issued keys and no deployment key.
type secrets string

func (s secrets) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(string(s))}, nil
}

// BenchmarkAuthorize authorizes the last of 1 or 400 keys, the maximum that a secret
// holds. Both should take the same time.
func BenchmarkAuthorize(b *testing.B) {
	for _, n := range []int{1, 400} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			var d apikey.Document
			var plain string
			for i := range n {
				var err error
				if plain, err = apikey.New("", strings.NewReader(fmt.Sprintf("%032d", i))); err != nil {
					b.Fatal(err)
				}
				d.Keys = append(d.Keys, apikey.Key{ID: fmt.Sprint("k", i), SHA256: apikey.Hash(plain)})
			}
			text, err := d.Marshal()
			if err != nil {
				b.Fatal(err)
			}
			reader := keystore.NewReader(keystore.Options{Secrets: secrets(text), IssuedKeys: "issued"})
			if err := reader.Warm(b.Context()); err != nil {
				b.Fatal(err)
			}
			a := authorizer.New(authorizer.Options{Lookup: reader.Lookup})
			r := authorizer.Request{IdentitySource: []string{plain}}
			for b.Loop() {
				if got, err := a.Handle(b.Context(), r); err != nil || !got.IsAuthorized {
					b.Fatalf("Handle = %+v, %v", got, err)
				}
			}
		})
	}
}
