package preflight

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// api calls an AWS service. It exists because a few read-only calls do not justify the SDK's
// packages: the package for EC2 takes longer to compile than the rest of mcpctl.
type api struct {
	config                    aws.Config
	service, region, endpoint string // service is the signing name
}

// queryAPI calls a service with the AWS Query protocol.
type queryAPI struct {
	api
	version string
}

// maxResponse is the maximum length of a response in bytes.
const maxResponse = 4 << 20

// call sends an action and unmarshals the XML of the response into out, unless it
// is nil. An error of the service is a [smithy.APIError].
func (q queryAPI) call(ctx context.Context, action string, parameters map[string]string, out any) error {
	form := url.Values{"Action": {action}, "Version": {q.version}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return q.send(ctx, action, http.MethodPost, "/", form.Encode(), header, func(body []byte, failed bool) error {
		if failed {
			return apiError(body)
		}
		return unmarshalXML(body, out)
	})
}

// json sends an operation of a service with the protocol AWS JSON 1.1 and unmarshals
// the response into out. target is the prefix of its X-Amz-Target.
func (a api) json(ctx context.Context, target, operation string, in, out any) error {
	request, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("marshal the request of %s: %w", operation, err)
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target + "." + operation}}
	return a.send(ctx, operation, http.MethodPost, "/", string(request), header, func(body []byte, failed bool) error {
		if !failed {
			return json.Unmarshal(body, out)
		}
		var problem struct {
			Type    string `json:"__type"`
			Message string `json:"message"` // encoding/json also matches Message
		}
		if json.Unmarshal(body, &problem) != nil || problem.Type == "" {
			return nil
		}
		return serviceError(problem.Type[strings.LastIndexByte(problem.Type, '#')+1:], problem.Message)
	})
}

// send signs and sends a request, and calls parse with the body of the response. For a
// failed request, parse returns the service's error, or nil if the body contains none.
func (a api) send(ctx context.Context, operation, method, path, body string, header http.Header, parse func(body []byte, failed bool) error) error {
	r, err := http.NewRequestWithContext(ctx, method, a.endpoint+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header = header
	if err := a.sign(r, body); err != nil {
		return err
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return fmt.Errorf("read the response of %s: %w", operation, err)
	}
	failed := resp.StatusCode != http.StatusOK
	err = parse(text, failed)
	switch {
	case failed && err == nil:
		err = serviceError(fmt.Sprintf("HTTP %d", resp.StatusCode), http.StatusText(resp.StatusCode))
		fallthrough
	case failed:
		return &smithy.OperationError{ServiceID: a.service, OperationName: operation, Err: err}
	case err != nil:
		return fmt.Errorf("parse the response of %s: %w", operation, err)
	}
	return nil
}

// sign signs a request.
func (a api) sign(r *http.Request, body string) error {
	credentials, err := a.config.Credentials.Retrieve(r.Context())
	if err != nil {
		return fmt.Errorf("get credentials: %w", err)
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(r.Context(), credentials, r, hex.EncodeToString(hash[:]), a.service, a.region, time.Now()); err != nil {
		return fmt.Errorf("sign the request: %w", err)
	}
	return nil
}

// unmarshalXML unmarshals a response, unless out is nil.
func unmarshalXML(body []byte, out any) error {
	if out == nil {
		return nil
	}
	return xml.Unmarshal(body, out)
}

// apiError returns the error in an XML response, or nil if there is none. EC2 nests code and
// message differently from other services.
func apiError(body []byte) error {
	var response struct {
		EC2   struct{ Code, Message string } `xml:"Errors>Error"`
		Other struct{ Code, Message string } `xml:"Error"`
	}
	if xml.Unmarshal(body, &response) != nil {
		return nil
	}
	for _, e := range []struct{ Code, Message string }{response.EC2, response.Other} {
		if e.Code != "" {
			return serviceError(e.Code, e.Message)
		}
	}
	return nil
}

// serviceError returns the error that a service reports by a code.
func serviceError(code, message string) error {
	if code == "UnauthorizedOperation" { // EC2's name for AccessDenied
		code = "AccessDenied"
	}
	return &smithy.GenericAPIError{Code: code, Message: message}
}
