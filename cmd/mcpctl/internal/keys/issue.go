package keys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/keys/apikey"
)

// issuedKey is a registry entry with the key itself, which is stored nowhere.
type issuedKey struct {
	apikey.Key
	Plain string
}

// newKey generates a key for the target's stage, with the name, scope and other fields of like.
func (t *keyTarget) newKey(like apikey.Key, now time.Time) (issuedKey, error) {
	plain, err := apikey.New(t.Stage, rand.Reader)
	if err != nil {
		return issuedKey{}, err
	}
	like.SHA256, like.Created = apikey.Hash(plain), now.UTC().Truncate(time.Second)
	return issuedKey{Key: like, Plain: plain}, nil
}

// verificationTimeout is how long verifyNewKey waits for the server to accept a
// key.
const verificationTimeout = time.Minute

// verifyNewKey flushes the authorizer cache, which may hold a denial of the key,
// calls the server until it accepts the key, and prints how long that took since
// the key was written.
func verifyNewKey(ctx context.Context, env *cli.Env, t *keyTarget, key issuedKey, written time.Time) error {
	if err := t.flush(ctx); err != nil {
		return fmt.Errorf("the key is written, but the gateway may reject it for a while: %w", err)
	}
	if err := untilAccepted(ctx, env, t, key.Plain); err != nil {
		return fmt.Errorf("the key is written, but the server did not accept it: %w", err)
	}
	env.Note("%s works: accepted %s after it was written", key.ID, seconds(env.Clock.Now().Sub(written)))
	return warnMissingTools(ctx, env, t, key)
}

// untilAccepted calls the server every second until it accepts the key.
func untilAccepted(ctx context.Context, env *cli.Env, t *keyTarget, plain string) error {
	deadline := env.Clock.Now().Add(verificationTimeout)
	for {
		status, err := mcpclient.Try(ctx, mcpclient.Options{URL: t.Endpoint, Key: plain})
		switch {
		case err == nil && status == http.StatusOK:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, cli.ErrConnectionRefused):
			return err
		case err == nil:
			err = &mcpclient.StatusError{Code: status}
		}
		if env.Clock.Now().After(deadline) {
			return err
		}
		if status == http.StatusForbidden { // the authorizer read the keys before the write
			if err := t.flush(ctx); err != nil {
				return err
			}
		}
		if err := env.Clock.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// warnMissingTools warns about tools of the key that the server does not have,
// such as misspelled ones. The key may use them if they are added later.
func warnMissingTools(ctx context.Context, env *cli.Env, t *keyTarget, key issuedKey) error {
	if len(key.Tools) == 0 {
		return nil
	}
	c, err := mcpclient.Connect(ctx, mcpclient.Options{URL: t.Endpoint, Key: key.Plain})
	if err != nil {
		return err
	}
	defer c.Close()
	list, err := c.Tools(ctx)
	if err != nil {
		return err
	}
	missing := slices.Clone(key.Tools)
	for _, tool := range list {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == tool.Name })
	}
	if len(missing) > 0 {
		env.Note("warning: the server has no tool %s", strings.Join(missing, ", "))
	}
	return nil
}

// seconds formats a duration for the user.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
