package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

// keyTarget is the registry and the endpoint that a keys command works on.
type keyTarget struct {
	*keyregistry.Registry
	Endpoint   string
	Stage      string // written into new keys; "" means the main stage
	Server     string // name of the entry in the clients' files; each stage has its own
	DefaultKey string // ID of the secret with the deployment key; "" if there is none
	// Fields is the output KeyFields: the fields of the key document that the deployed
	// version understands; nil means those of this version.
	Fields []string
	// Counts reports whether the server counts calls, so that limits have an effect.
	Counts bool
	// Fingerprint is the output ApiKeyFingerprint: the first digits of the hash of
	// the deployment key, a word if the key was generated, or "".
	Fingerprint string
	hash        *deploymentHash // nil until it is looked up

	// author returns the ARN of the caller, for the record of a change.
	author func(context.Context) string
	// trail is CloudTrail; nil for the local server.
	trail *cloudtrail.Client

	secrets *secretsmanager.Client
	gateway *apigatewayv2.Client
	apiID   string // "" if the stack has no HTTP API
	explain func(action string, err error) error
}

// explained adds advice for the user to an error of AWS.
func (t *keyTarget) explained(err error) error {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err
	}
	action, _, _ := strings.Cut(err.Error(), ": operation error")
	return t.explain(action, err)
}

// change writes to the registry and prints what the user should know about it.
func (t *keyTarget) change(ctx context.Context, env *cli.Env, purpose keyregistry.Purpose, edit keyregistry.Edit) (keyregistry.ChangeResult, error) {
	var names []string
	written, err := t.Change(ctx, purpose, func(d apikey.Document) (apikey.Document, error) {
		names = namesIn(d)
		return edit(d)
	})
	switch {
	case errors.Is(err, apikey.ErrUnknown) && names == nil:
		return keyregistry.ChangeResult{}, fmt.Errorf("%w; none is issued", err)
	case errors.Is(err, apikey.ErrUnknown):
		return keyregistry.ChangeResult{}, fmt.Errorf("%w; issued are: %s", err, strings.Join(names, ", "))
	case err != nil:
		return keyregistry.ChangeResult{}, t.explained(err)
	}
	for _, k := range written.Dropped {
		env.Note("removed %q, which expired on %s, to stay below the size limit", k.ID, date(k.Expires))
	}
	if n := written.Capacity.Versions; n >= keyregistry.WarnAt {
		env.Note("warning: the registry was written %d times within about a day; from %d on only revoking is possible, until old versions are a day old", n, keyregistry.StopAt)
	}
	return written, nil
}

// namesIn returns the names in a key document, sorted.
func namesIn(d apikey.Document) []string {
	var names []string
	for _, k := range d.Keys {
		names = append(names, k.ID)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// flush flushes the gateway's authorizer cache. The other shapes have no gateway:
// the servers check the keys themselves and cache no result.
func (t *keyTarget) flush(ctx context.Context) error {
	if t.apiID == "" {
		return nil
	}
	_, err := t.gateway.ResetAuthorizersCache(ctx, &apigatewayv2.ResetAuthorizersCacheInput{ApiId: &t.apiID, StageName: aws.String("$default")})
	if err != nil {
		return t.explain("flush the authorizer cache", err)
	}
	return nil
}
