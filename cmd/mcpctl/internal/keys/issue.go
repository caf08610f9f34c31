package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/keys/apikey"
)

// issued is a key that was just made, the only time that anybody sees it.
type issued struct {
	apikey.Key
	Plain string
}

// newKey makes a key for where it will be kept.
func (h *keyholder) newKey(like apikey.Key, now time.Time) (issued, error) {
	plain, err := apikey.New(h.Stage, rand.Reader)
	if err != nil {
		return issued{}, err
	}
	like.SHA256, like.Created, like.Extra = apikey.Hash(plain), now.UTC().Truncate(time.Second), nil
	return issued{Key: like, Plain: plain}, nil
}

// tryFor is how long a new key is tried.
const tryFor = time.Minute

// tryOut ends with a key that works: it empties the gateway's cache, in which
// the key may stand as refused, calls once, and says how long it took since the
// key was written.
func (p *program) tryOut(ctx context.Context, h *keyholder, key issued, written time.Time) error {
	if err := h.reset(ctx); err != nil {
		return fmt.Errorf("the key is written, but %w", err)
	}
	if err := p.untilLetIn(ctx, h, key.Plain); err != nil {
		return fmt.Errorf("the key is written, but it was not let in: %w", err)
	}
	p.note("%s works: let in %s after it was written", key.ID, took(p.clock.Now().Sub(written)))
	return p.missingTools(ctx, h, key)
}

func (p *program) untilLetIn(ctx context.Context, h *keyholder, plain string) error {
	giveUp := p.clock.Now().Add(tryFor)
	for {
		status, err := mcpclient.Ask(ctx, mcpclient.Options{URL: h.Endpoint, Key: plain})
		switch {
		case err == nil && status == http.StatusOK:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errRefused):
			return err
		case err == nil:
			err = &mcpclient.StatusError{Code: status}
		}
		if p.clock.Now().After(giveUp) {
			return err
		}
		if status == http.StatusForbidden { // by an authorizer that did not see the write yet
			if err := h.reset(ctx); err != nil {
				return err
			}
		}
		if err := p.clock.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// missingTools warns of names that the server does not know, such as misspelt
// ones: the key may use them all the same, should they come.
func (p *program) missingTools(ctx context.Context, h *keyholder, key issued) error {
	if len(key.Tools) == 0 {
		return nil
	}
	c, err := mcpclient.Connect(ctx, mcpclient.Options{URL: h.Endpoint, Key: key.Plain})
	if err != nil {
		return err
	}
	defer c.Close()
	list, err := c.Tools(ctx)
	if err != nil {
		return err
	}
	missing := slices.Clone(key.Tools)
	for _, t := range list {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == t.Name })
	}
	if len(missing) > 0 {
		p.note("warning: the server has no tool %s", strings.Join(missing, ", "))
	}
	return nil
}

// took is a duration as people read it.
func took(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
