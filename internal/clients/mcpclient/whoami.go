package mcpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// WhoAmIResult is what a server reports about a key. Print its texts with package
// printable.
type WhoAmIResult struct {
	KeyID   string      `json:"keyId"`
	Tools   []string    `json:"tools"` // nil means all
	Expires *time.Time  `json:"expires,omitempty"`
	Minute  *LimitState `json:"minute,omitempty"` // nil means no limit
	Day     *LimitState `json:"day,omitempty"`    // of the UTC day; nil means no limit
	Usage   string      `json:"usage,omitempty"`  // counted, off or unavailable; empty without limits
}

// LimitState is a limit of tool calls, and how much of it is used.
type LimitState struct {
	Limit        int  `json:"limit"`
	Used         *int `json:"used,omitempty"` // nil means unknown
	Left         *int `json:"left,omitempty"` // nil means unknown
	ResetSeconds int  `json:"resetSeconds"`   // until the period ends
}

// ErrNoWhoAmI means that the endpoint has no whoami: it is of an older version or of
// another project.
var ErrNoWhoAmI = errors.New("the server has no whoami: it is of an older version of this project, or of another project")

// maxWhoAmI is the longest response to WhoAmI.
const maxWhoAmI = 1 << 20

// WhoAmI returns what the key may do at the endpoint. It calls no tool.
func WhoAmI(ctx context.Context, o Options) (WhoAmIResult, error) {
	if err := CheckURL(o.URL); err != nil {
		return WhoAmIResult{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	url := strings.TrimSuffix(o.URL, "/") + "/whoami"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return WhoAmIResult{}, fmt.Errorf("call %s: %w", url, err)
	}
	r.Header.Set("User-Agent", orDefault(o.Name, "mcpctl"))
	o.SetKey(r.Header)
	resp, err := httpClient(o.Transport, nil).Do(r)
	var status *StatusError
	if errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusMethodNotAllowed) {
		return WhoAmIResult{}, fmt.Errorf("call %s: %w", url, ErrNoWhoAmI)
	}
	if err != nil {
		return WhoAmIResult{}, fmt.Errorf("call %s: %w", url, cause(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxWhoAmI))
	if err != nil {
		return WhoAmIResult{}, fmt.Errorf("call %s: %w", url, cause(err))
	}
	var who WhoAmIResult
	if json.Unmarshal(body, &who) != nil || who.KeyID == "" {
		return WhoAmIResult{}, fmt.Errorf("call %s: %w", url, ErrNoWhoAmI)
	}
	return who, nil
}
