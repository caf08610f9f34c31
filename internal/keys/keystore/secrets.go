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

// Secrets is the one call of Secrets Manager that a [Reader] makes;
// *secretsmanager.Client has it.
type Secrets interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// fetch reads both secrets at once. With an error, outage tells whether Secrets
// Manager merely was out of order, for all that failed.
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
		if HasNoValue(errs[1]) { // as it was created: no key has been issued yet
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

// value is the current text of a secret, never empty.
func (r *Reader) value(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", errors.New("read secret: its name is missing in the configuration")
	}
	out, err := r.o.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		return "", fmt.Errorf("read secret %q: %w", id, err)
	}
	if aws.ToString(out.SecretString) == "" {
		return "", fmt.Errorf("read secret %q: its value is not a text", id)
	}
	return *out.SecretString, nil
}

// HasNoValue tells a secret without any value, "can't find the specified secret
// value for staging label: AWSCURRENT", from one that does not exist, "can't
// find the specified secret". The error's type is the same for both.
func HasNoValue(err error) bool {
	var notFound *types.ResourceNotFoundException
	return errors.As(err, &notFound) &&
		strings.Contains(notFound.ErrorMessage(), "secret value for staging label: AWSCURRENT")
}

// IsOutage reports whether Secrets Manager could not answer: no connection, no
// answer in time, a fault of its own, too many requests. Anything that it said
// about the secret or about us is none.
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
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) && answer.HTTPStatusCode() > 0 {
		return answer.HTTPStatusCode() >= 500 || answer.HTTPStatusCode() == http.StatusTooManyRequests
	}
	var timeout interface{ Timeout() bool }
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return true
	}
	// A connection that is refused or cut is an outage; a certificate that is
	// not Amazon's is something else.
	var send *smithyhttp.RequestSendError
	var network *net.OpError
	return errors.As(err, &send) && (errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
}
