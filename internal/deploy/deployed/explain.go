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

// Explain turns an error of an AWS call into an error that names a remedy. action is a
// phrase such as "look up stack S"; profile is the AWS profile in use, if any.
func Explain(action string, err error, profile string) error {
	var noProfile config.SharedConfigProfileNotExistError
	var token *ssocreds.InvalidTokenError
	var api smithy.APIError
	var dns *net.DNSError
	var network *net.OpError
	switch {
	case errors.As(err, &noProfile):
		return fmt.Errorf("%s: no AWS profile %q; aws configure list-profiles lists the profiles", action, noProfile.Profile)
	case errors.As(err, &token), isExpired(err):
		return fmt.Errorf("%s: the AWS session has expired; run aws sso login%s", action, flag(profile))
	case errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied"):
		return fmt.Errorf("%s: not allowed: %s; ask the account's administrator", action, denial(err, api))
	case isBadCredential(err):
		return fmt.Errorf("%s: AWS rejected these credentials; run aws configure%s, or check AWS_ACCESS_KEY_ID", action, flag(profile))
	case errors.As(err, &api):
		return fmt.Errorf("%s: %s: %s", action, api.ErrorCode(), api.ErrorMessage())
	case strings.Contains(err.Error(), "get credentials"), strings.Contains(err.Error(), "get identity"):
		return fmt.Errorf("%s: no AWS credentials: run aws sso login%s or aws configure, or pass --profile", action, flag(profile))
	case errors.As(err, &dns):
		return fmt.Errorf("%s: host %s not found; check the region and the network", action, dns.Name)
	case errors.As(err, &network):
		return fmt.Errorf("%s: cannot reach %s (%v); check the network, and HTTPS_PROXY if you use a proxy", action, host(err), network.Err)
	}
	return fmt.Errorf("%s: %w", action, err)
}

// denial names the missing IAM action. Nearly all of AWS's messages name it;
// otherwise it is derived from the operation.
func denial(err error, api smithy.APIError) string {
	var operation *smithy.OperationError
	if strings.Contains(api.ErrorMessage(), "to perform:") || !errors.As(err, &operation) {
		return api.ErrorMessage()
	}
	action := strings.ToLower(strings.ReplaceAll(operation.Service(), " ", "")) + ":" + operation.Operation()
	if operation.Operation() == "ResetAuthorizersCache" {
		action = "apigateway:DELETE" // API Gateway's actions are HTTP methods
	}
	return "requires the permission " + action
}

// host returns the host that could not be reached.
func host(err error) string {
	var to *url.Error
	if errors.As(err, &to) {
		if u, err := url.Parse(to.URL); err == nil {
			return u.Host
		}
	}
	return "the service"
}

// isExpired reports whether a session has expired. The services and the SDK have
// no common error type for it, so it compares texts.
func isExpired(err error) bool {
	return contains(err, "ExpiredToken", "token has expired", "session has expired", "UnauthorizedSSOTokenError", "cached SSO token")
}

// isBadCredential reports whether an access key was deleted or mistyped.
func isBadCredential(err error) bool {
	return contains(err, "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException")
}

// contains reports whether the error's text contains one of the phrases.
func contains(err error, phrases ...string) bool {
	for _, phrase := range phrases {
		if strings.Contains(err.Error(), phrase) {
			return true
		}
	}
	return false
}

// flag returns the --profile flag to add to a command, "" without a profile.
func flag(profile string) string {
	if profile == "" {
		return ""
	}
	return " --profile " + profile
}
