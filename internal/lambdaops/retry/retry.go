// Package retry is how calls to AWS are repeated: in the SDK's adaptive mode,
// which slows down when AWS throttles, and with whoever waits being told.
package retry

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// attempts is how often a call is made at most: with the SDK's back-off of up
// to 20 seconds, that is a minute or two of throttling.
const attempts = 8

// New makes a retryer of the SDK's adaptive mode that tells of throttling.
func New() aws.Retryer {
	return WithCallback(awsretry.NewAdaptiveMode(func(o *awsretry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(so *awsretry.StandardOptions) { so.MaxAttempts = attempts })
	}))
}

// WithCallback makes a retryer tell of throttling those who asked by [WithThrottleCallback].
func WithCallback(r aws.RetryerV2) aws.Retryer { return notifier{r} }

type callbackKey struct{}

// WithThrottleCallback returns a context in which told hears of every call that AWS
// throttled and that is made again. A context, because the SDK hands a retryer
// nothing else of the call.
func WithThrottleCallback(ctx context.Context, told func()) context.Context {
	return context.WithValue(ctx, callbackKey{}, told)
}

type notifier struct{ aws.RetryerV2 }

// GetRetryToken is asked before each repetition.
func (t notifier) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	if told, ok := ctx.Value(callbackKey{}).(func()); ok && throttled(err) {
		told()
	}
	return t.RetryerV2.GetRetryToken(ctx, err)
}

func throttled(err error) bool {
	return awsretry.IsErrorThrottles(awsretry.DefaultThrottles).IsErrorThrottle(err).Bool()
}

// Once is an option for calls that must not be made twice, such as one that
// runs a function: they are repeated only where AWS throttled, and so did
// nothing. Whether a call whose answer got lost was carried out, nobody knows.
func Once(o *lambda.Options) {
	if r, ok := o.Retryer.(aws.RetryerV2); ok {
		o.Retryer = once{r}
	}
}

type once struct{ aws.RetryerV2 }

// IsErrorRetryable refuses everything but throttling.
func (o once) IsErrorRetryable(err error) bool {
	return throttled(err) && o.RetryerV2.IsErrorRetryable(err)
}
