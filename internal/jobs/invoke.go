package jobs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// invokeTimeout bounds one attempt to send an event, and invokeAttempts their number.
const (
	invokeTimeout  = 3 * time.Second
	invokeAttempts = 3
)

// Invoker sends events to a Lambda function. It builds the HTTP request itself: the SDK's
// Lambda client would add 0.8 MB to each function that can start a job.
type Invoker struct {
	url     string
	config  aws.Config
	client  *http.Client
	signer  *v4.Signer
	now     func() time.Time
	backoff time.Duration
}

// NewInvoker returns an invoker for the function with that ARN.
func NewInvoker(config aws.Config, function string) *Invoker {
	return &Invoker{
		// The path is signed, so colons must be escaped as in the SDK.
		url:    endpoint(config) + "/2015-03-31/functions/" + strings.ReplaceAll(url.PathEscape(function), ":", "%3A") + "/invocations",
		config: config, client: &http.Client{Timeout: invokeTimeout}, signer: v4.NewSigner(), now: time.Now, backoff: 100 * time.Millisecond,
	}
}

// endpoint returns the URL of Lambda: the configured URL, such as the URL of a local
// service, or else the region's.
func endpoint(config aws.Config) string {
	type source interface {
		GetServiceBaseEndpoint(ctx context.Context, service string) (string, bool, error)
	}
	for _, s := range config.ConfigSources {
		if s, ok := s.(source); ok {
			if url, found, err := s.GetServiceBaseEndpoint(context.Background(), "Lambda"); found && err == nil {
				return strings.TrimSuffix(url, "/")
			}
		}
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(config.Region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	return cmp.Or(strings.TrimSuffix(aws.ToString(config.BaseEndpoint), "/"), "https://lambda."+config.Region+"."+suffix)
}

// Invoke sends the event of a job, asynchronously. It retries after a failure of the
// network or of Lambda: a second event for a job does no harm.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (v *Invoker) Invoke(ctx context.Context, id string) error {
	var err error
	for attempt := range invokeAttempts {
		if attempt > 0 {
			select {
			case <-time.After(v.backoff << attempt):
			case <-ctx.Done():
				return err
			}
		}
		var again bool
		if again, err = v.send(ctx, payload(id)); !again {
			return err
		}
	}
	return err
}

// send sends a request. again reports whether another attempt may succeed.
func (v *Invoker) send(ctx context.Context, body []byte) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url, bytes.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("invoke a function: %w", err)
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("X-Amz-Invocation-Type", "Event")
	credentials, err := v.config.Credentials.Retrieve(ctx)
	if err != nil {
		return false, fmt.Errorf("invoke a function: %w", err)
	}
	hash := sha256.Sum256(body)
	if err := v.signer.SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), "lambda", v.config.Region, v.now()); err != nil {
		return false, fmt.Errorf("invoke a function: %w", err)
	}
	response, err := v.client.Do(r)
	if err != nil {
		return ctx.Err() == nil, fmt.Errorf("invoke a function: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
	if response.StatusCode == http.StatusAccepted {
		return false, nil
	}
	again = response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusTooManyRequests
	return again, fmt.Errorf("invoke a function: status %d %s", response.StatusCode, response.Header.Get("X-Amzn-Errortype"))
}
