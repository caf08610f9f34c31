package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

// keyholder is where keys are kept, and where they open something.
type keyholder struct {
	*keyregistry.Registry
	Endpoint   string
	Stage      string // written into new keys; "" for the main one
	Server     string // its name in the clients' files, where each stage has its own
	DefaultKey string // id of the secret with the deployment's key; "" where there is none
	// Fingerprint is the output ApiKeyFingerprint: first digits of the hash of the
	// deployment's key, a word in their place, or "".
	Fingerprint string
	lookedUp    *deploymentHash // nil until somebody asks

	secrets *secretsmanager.Client
	gateway *apigatewayv2.Client
	apiID   string // "" where there is no gateway
	explain func(action string, err error) error
}

// explained says what to do about an error that comes from AWS.
func (h *keyholder) explained(err error) error {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err
	}
	action, _, _ := strings.Cut(err.Error(), ": operation error")
	return h.explain(action, err)
}

// change writes to the registry.
func (h *keyholder) change(ctx context.Context, p *program, purpose keyregistry.Purpose, edit keyregistry.Edit) (keyregistry.ChangeResult, error) {
	var names []string
	written, err := h.Change(ctx, purpose, func(d apikey.Document) (apikey.Document, error) {
		names = namesIn(d)
		return edit(d)
	})
	switch {
	case errors.Is(err, apikey.ErrUnknown) && names == nil:
		return keyregistry.ChangeResult{}, fmt.Errorf("%w; none has been issued", err)
	case errors.Is(err, apikey.ErrUnknown):
		return keyregistry.ChangeResult{}, fmt.Errorf("%w; there are: %s", err, strings.Join(names, ", "))
	case err != nil:
		return keyregistry.ChangeResult{}, h.explained(err)
	}
	for _, k := range written.Dropped {
		p.note("dropped %q, which expired on %s, to make room", k.ID, date(k.Expires))
	}
	if n := written.Capacity.Versions; n >= keyregistry.WarnAt {
		p.note("warning: the registry was written %d times within a day or so; at %d only revoking is possible, until versions are a day old", n, keyregistry.StopAt)
	}
	return written, nil
}

func namesIn(d apikey.Document) []string {
	var names []string
	for _, k := range d.Keys {
		names = append(names, k.ID)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reset empties the gateway's cache of verdicts. In the other shapes there is
// no gateway: the servers check the keys themselves, and remember no verdict.
func (h *keyholder) reset(ctx context.Context) error {
	if h.apiID == "" {
		return nil
	}
	_, err := h.gateway.ResetAuthorizersCache(ctx, &apigatewayv2.ResetAuthorizersCacheInput{ApiId: &h.apiID, StageName: aws.String("$default")})
	if err != nil {
		return h.explain("empty the gateway's cache of verdicts", err)
	}
	return nil
}
