package deployed

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
)

// explain says what to do about an error of a look-up.
func explain(err error, o Options, region string) error {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist") {
		return notFound(o.Name, region)
	}
	return Explain(fmt.Sprintf("look up stack %s", o.Name), err, o.Profile)
}

func notFound(name, region string) error {
	return fmt.Errorf("no stack %s in %s: deploy it with npx cdk deploy, or name another with --stack, --stage, --region or --profile", name, region)
}

// Explain turns an error of an AWS call into one that says what to do. The
// action is what was tried, in words; profile is the one in use, if any.
func Explain(action string, err error, profile string) error {
	var noProfile config.SharedConfigProfileNotExistError
	var token *ssocreds.InvalidTokenError
	var api smithy.APIError
	var dns *net.DNSError
	switch {
	case errors.As(err, &noProfile):
		return fmt.Errorf("%s: there is no AWS profile %q; aws configure list-profiles lists them", action, noProfile.Profile)
	case errors.As(err, &token), isExpired(err):
		return fmt.Errorf("%s: the AWS session has expired; run aws sso login%s", action, flag(profile))
	case errors.As(err, &dns):
		return fmt.Errorf("%s: %s is not found; is the region right, and is there a network?", action, dns.Name)
	case errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied"):
		return fmt.Errorf("%s: not allowed: %s; ask who looks after the account", action, api.ErrorMessage())
	case errors.As(err, &api):
		return fmt.Errorf("%s: %s: %s", action, api.ErrorCode(), api.ErrorMessage())
	case strings.Contains(err.Error(), "get credentials"), strings.Contains(err.Error(), "get identity"):
		return fmt.Errorf("%s: no AWS credentials: run aws sso login%s or aws configure, or give --profile", action, flag(profile))
	}
	return fmt.Errorf("%s: %w", action, err)
}

// isExpired knows the words of services and of the SDK for a session that is
// over; the SDK gives no common type.
func isExpired(err error) bool {
	for _, words := range []string{"ExpiredToken", "token has expired", "session has expired", "UnauthorizedSSOTokenError"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

func flag(profile string) string {
	if profile == "" {
		return ""
	}
	return " --profile " + profile
}
