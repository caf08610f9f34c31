// Package retry repeats calls to AWS in the SDK's adaptive mode, which slows down when AWS
// throttles, reports throttled calls to a callback, and recognizes two kinds of errors.
package retry

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
)

// attempts is the maximum number of attempts for a call. With the SDK's back-off of up
// to 20 seconds, that survives one or two minutes of throttling.
const attempts = 8

// New returns a retryer of the SDK's adaptive mode that calls the callback set by
// [WithThrottleCallback].
func New() aws.Retryer {
	return WithCallback(awsretry.NewAdaptiveMode(func(o *awsretry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(so *awsretry.StandardOptions) { so.MaxAttempts = attempts })
	}))
}

// WithCallback wraps r so that it also calls the callback set by [WithThrottleCallback].
func WithCallback(r aws.RetryerV2) aws.Retryer { return notifier{r} }

type callbackKey struct{}

// WithThrottleCallback returns a context for calls to AWS. callback is called each time one
// of them is throttled and repeated. The callback is in the context because the SDK passes
// a retryer only the context and the error of a call.
func WithThrottleCallback(ctx context.Context, callback func()) context.Context {
	return context.WithValue(ctx, callbackKey{}, callback)
}

type notifier struct{ aws.RetryerV2 }

// GetRetryToken implements [aws.RetryerV2]; the SDK calls it before each retry.
func (t notifier) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	if callback, ok := ctx.Value(callbackKey{}).(func()); ok && Throttled(err) {
		callback()
	}
	return t.RetryerV2.GetRetryToken(ctx, err)
}

// Throttled reports whether AWS throttled the call.
func Throttled(err error) bool {
	return awsretry.IsErrorThrottles(awsretry.DefaultThrottles).IsErrorThrottle(err).Bool()
}

// IsNotFound reports whether the function, version or alias of the call does not exist.
func IsNotFound(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == "ResourceNotFoundException"
}

// Once is an option for calls that must not be carried out twice, such as an invocation.
// They are repeated only after throttling, when AWS did nothing. After a lost response it
// is unknown whether AWS carried out the call.
func Once(o *lambda.Options) {
	if r, ok := o.Retryer.(aws.RetryerV2); ok {
		o.Retryer = once{r}
	}
}

type once struct{ aws.RetryerV2 }

// IsErrorRetryable implements [aws.RetryerV2]; it allows throttling only.
func (o once) IsErrorRetryable(err error) bool { return Throttled(err) }
