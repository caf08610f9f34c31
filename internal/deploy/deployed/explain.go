package deployed

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
)

// Explain turns an error of an AWS call into one that says what to do. The
// action is what was tried, in words; profile is the one in use, if any.
func Explain(action string, err error, profile string) error {
	var noProfile config.SharedConfigProfileNotExistError
	var token *ssocreds.InvalidTokenError
	var api smithy.APIError
	var dns *net.DNSError
	var network *net.OpError
	switch {
	case errors.As(err, &noProfile):
		return fmt.Errorf("%s: there is no AWS profile %q; aws configure list-profiles lists them", action, noProfile.Profile)
	case errors.As(err, &token), isExpired(err):
		return fmt.Errorf("%s: the AWS session has expired; run aws sso login%s", action, flag(profile))
	case errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied"):
		return fmt.Errorf("%s: not allowed: %s; ask who looks after the account", action, denial(err, api))
	case isBadCredential(err):
		return fmt.Errorf("%s: AWS does not know these credentials; run aws configure%s, or see what AWS_ACCESS_KEY_ID is set to", action, flag(profile))
	case errors.As(err, &api):
		return fmt.Errorf("%s: %s: %s", action, api.ErrorCode(), api.ErrorMessage())
	case strings.Contains(err.Error(), "get credentials"), strings.Contains(err.Error(), "get identity"):
		return fmt.Errorf("%s: no AWS credentials: run aws sso login%s or aws configure, or give --profile", action, flag(profile))
	case errors.As(err, &dns):
		return fmt.Errorf("%s: %s is not found; is the region right, and is there a network?", action, dns.Name)
	case errors.As(err, &network):
		return fmt.Errorf("%s: %s cannot be reached (%v); is there a network, or a proxy to set in HTTPS_PROXY?", action, host(err), network.Err)
	}
	return fmt.Errorf("%s: %w", action, err)
}

// denial names the IAM action that is missing. AWS's messages do so, nearly all
// of them; otherwise it is the operation that was tried.
func denial(err error, api smithy.APIError) string {
	var operation *smithy.OperationError
	if strings.Contains(api.ErrorMessage(), "to perform:") || !errors.As(err, &operation) {
		return api.ErrorMessage()
	}
	action := strings.ToLower(strings.ReplaceAll(operation.Service(), " ", "")) + ":" + operation.Operation()
	if operation.Operation() == "ResetAuthorizersCache" {
		action = "apigateway:DELETE" // API Gateway's actions are HTTP methods
	}
	return "it takes the permission " + action
}

// host is who could not be reached.
func host(err error) string {
	var to *url.Error
	if errors.As(err, &to) {
		if u, err := url.Parse(to.URL); err == nil {
			return u.Host
		}
	}
	return "the service"
}

// isExpired knows the words of services and of the SDK for a session that is
// over; the SDK gives no common type.
func isExpired(err error) bool {
	return says(err, "ExpiredToken", "token has expired", "session has expired", "UnauthorizedSSOTokenError", "cached SSO token")
}

// isBadCredential knows the codes for an access key that is deleted or mistyped.
func isBadCredential(err error) bool {
	return says(err, "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException")
}

func says(err error, words ...string) bool {
	for _, w := range words {
		if strings.Contains(err.Error(), w) {
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
