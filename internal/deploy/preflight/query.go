package preflight

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
)

// queryAPI calls a service with the AWS Query protocol. It exists because three
// read-only calls do not justify the SDK's package for EC2, which takes longer to
// compile than the rest of mcpctl.
type queryAPI struct {
	config                             aws.Config
	service, region, endpoint, version string
}

// maxResponse is the longest response that is read.
const maxResponse = 4 << 20

// call sends an action and unmarshals the XML of the response into out, unless it
// is nil. An error of the service is a [smithy.APIError].
func (q queryAPI) call(ctx context.Context, action string, parameters map[string]string, out any) error {
	form := url.Values{"Action": {action}, "Version": {q.version}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	resp, err := q.send(ctx, form.Encode())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return fmt.Errorf("read the response of %s: %w", action, err)
	}
	if resp.StatusCode != http.StatusOK {
		return &smithy.OperationError{ServiceID: q.service, OperationName: action, Err: apiError(resp.StatusCode, body)}
	}
	if out == nil {
		return nil
	}
	if err := xml.Unmarshal(body, out); err != nil {
		return fmt.Errorf("parse the response of %s: %w", action, err)
	}
	return nil
}

// send signs and sends a request.
func (q queryAPI) send(ctx context.Context, form string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, q.endpoint+"/", strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials, err := q.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("get credentials: %w", err)
	}
	hash := sha256.Sum256([]byte(form))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), q.service, q.region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	client := http.Client{Timeout: 30 * time.Second}
	return client.Do(r)
}

// apiError reads code and message of an error, which EC2 and IAM nest differently.
func apiError(status int, body []byte) smithy.APIError {
	var response struct {
		EC2 struct{ Code, Message string } `xml:"Errors>Error"`
		IAM struct{ Code, Message string } `xml:"Error"`
	}
	found := &smithy.GenericAPIError{Code: fmt.Sprintf("HTTP %d", status), Message: http.StatusText(status)}
	if xml.Unmarshal(body, &response) != nil {
		return found
	}
	for _, e := range []struct{ Code, Message string }{response.EC2, response.IAM} {
		if e.Code != "" {
			found.Code, found.Message = e.Code, e.Message
		}
	}
	if found.Code == "UnauthorizedOperation" { // EC2's name for AccessDenied
		found.Code = "AccessDenied"
	}
	return found
}
