package keystore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"serverless-mcp/internal/keys/apikey"
)

// Secrets is the Secrets Manager operation that a [Reader] uses;
// *secretsmanager.Client implements it.
type Secrets interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// fetch reads both secrets at the same time. If it returns an error, outage reports
// whether all failed reads failed because Secrets Manager was unavailable.
func (r *Reader) fetch(ctx context.Context) (ring *apikey.Keyring, outage bool, err error) {
	var values [2]string
	var errs [2]error
	var reads sync.WaitGroup
	reads.Go(func() {
		if r.o.DefaultKey != "" {
			values[0], errs[0] = r.value(ctx, r.o.DefaultKey)
		}
	})
	reads.Go(func() {
		values[1], errs[1] = r.value(ctx, r.o.IssuedKeys)
		if HasNoValue(errs[1]) { // no key has been issued yet
			values[1], errs[1] = "", nil
		}
	})
	reads.Wait()
	outage = true
	for _, err := range errs {
		outage = outage && (err == nil || IsOutage(err))
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, outage, err
	}
	ring, err = apikey.NewKeyring(values[0], values[1])
	return ring, false, err
}

// value returns the current text of a secret, which is never empty.
func (r *Reader) value(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", errors.New("read secret: its id is missing in the configuration")
	}
	out, err := r.o.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		return "", fmt.Errorf("read secret %q: %w", id, err)
	}
	if aws.ToString(out.SecretString) == "" {
		return "", fmt.Errorf("read secret %q: its value is not text", id)
	}
	return *out.SecretString, nil
}

// HasNoValue reports whether a secret exists without a value: "can't find the
// specified secret value for staging label: AWSCURRENT". The error for a missing
// secret, "can't find the specified secret", has the same type.
func HasNoValue(err error) bool {
	var notFound *types.ResourceNotFoundException
	return errors.As(err, &notFound) &&
		strings.Contains(notFound.ErrorMessage(), "secret value for staging label: AWSCURRENT")
}

// IsOutage reports whether Secrets Manager was unavailable: no connection, a
// timeout, an internal error, too many requests. An error about the secret or the
// caller is not an outage.
func IsOutage(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "AccessDeniedException", "DecryptionFailure", "InvalidRequestException", "ResourceNotFoundException":
			return false // whatever the status
		}
		if _, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]; throttled {
			return true
		}
	}
	var response interface{ HTTPStatusCode() int }
	if errors.As(err, &response) && response.HTTPStatusCode() > 0 {
		return response.HTTPStatusCode() >= 500 || response.HTTPStatusCode() == http.StatusTooManyRequests
	}
	var timeout interface{ Timeout() bool } // such as context.DeadlineExceeded
	if errors.As(err, &timeout) && timeout.Timeout() {
		return true
	}
	// A refused or broken connection is an outage; an invalid certificate is not,
	// because the other side is not Secrets Manager.
	var send *smithyhttp.RequestSendError
	var network *net.OpError
	return errors.As(err, &send) && (errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
}
