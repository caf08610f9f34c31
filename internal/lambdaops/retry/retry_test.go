package retry

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/test/direct"
)

// client returns the SDK's client of a fake Lambda whose first calls fail.
func client(r aws.Retryer, failures int32, fault *awsfake.Fault) (c *lambda.Client, calls *atomic.Int32) {
	calls = new(atomic.Int32)
	fake := awsfake.NewLambda(awsfake.LambdaOptions{Options: awsfake.Options{
		Fail: func(string) *awsfake.Fault {
			if calls.Add(1) <= failures {
				return fault
			}
			return nil
		},
	}}, awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: "f"}})
	return lambda.New(lambda.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://lambda.test"), Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient: direct.Client{Handler: fake}, Retryer: r,
	}), calls
}

// impatient is a retryer without pauses.
func impatient() aws.Retryer {
	return WithCallback(awsretry.NewStandard(func(o *awsretry.StandardOptions) {
		o.Backoff = awsretry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	}))
}

var (
	throttle = &awsfake.Fault{Error: &awsfake.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequestsException", Message: "Rate exceeded"}}
	broken   = &awsfake.Fault{Error: &awsfake.Error{Status: http.StatusInternalServerError, Code: "ServiceException", Message: "oops"}}
)

func TestThrottlingIsRepeatedAndReported(t *testing.T) {
	c, calls := client(impatient(), 2, throttle)
	callbacks := 0
	_, err := c.GetFunction(WithThrottleCallback(t.Context(), func() { callbacks++ }), &lambda.GetFunctionInput{FunctionName: aws.String("f")})
	if err != nil || calls.Load() != 3 || callbacks != 2 {
		t.Errorf("error %v after %d calls, %d callbacks; want success with the third call and two callbacks", err, calls.Load(), callbacks)
	}
}

func TestOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		fault *awsfake.Fault
		want  int32
	}{"throttled": {throttle, 2}, "broken": {broken, 1}, "response lost": {&awsfake.Fault{Hangup: true}, 1}} {
		t.Run(name, func(t *testing.T) {
			c, calls := client(impatient(), 1, tc.fault)
			_, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("f")}, Once)
			if calls.Load() != tc.want || (err == nil) != (tc.want > 1) {
				t.Errorf("%d calls, error %v; want %d", calls.Load(), err, tc.want)
			}
		})
	}
}

func TestOtherErrorsAreRepeated(t *testing.T) {
	c, calls := client(impatient(), 1, broken)
	callbacks := 0
	_, err := c.GetFunction(WithThrottleCallback(t.Context(), func() { callbacks++ }), &lambda.GetFunctionInput{FunctionName: aws.String("f")})
	if err != nil || calls.Load() != 2 || callbacks != 0 {
		t.Errorf("error %v after %d calls, %d callbacks; want success with the second call and no callback", err, calls.Load(), callbacks)
	}
}

// TestNew checks that the program's own retryer repeats a throttled call, within two
// seconds.
func TestNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, calls := client(New(), 1, throttle)
		callbacks, begun := 0, time.Now()
		_, err := c.GetFunction(WithThrottleCallback(t.Context(), func() { callbacks++ }), &lambda.GetFunctionInput{FunctionName: aws.String("f")})
		if err != nil || calls.Load() != 2 || callbacks != 1 {
			t.Errorf("error %v after %d calls, %d callbacks; want success with the second call and one callback", err, calls.Load(), callbacks)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("took %v, want at most 2 s", took)
		}
	})
	if New().MaxAttempts() != attempts {
		t.Errorf("%d attempts, want %d", New().MaxAttempts(), attempts)
	}
	if _, ok := New().(notifier).RetryerV2.(*awsretry.AdaptiveMode); !ok {
		t.Error("the retryer is not the SDK's adaptive mode")
	}
}
