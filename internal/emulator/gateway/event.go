package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// requestContext omits Authentication, which AWS sends with mutual TLS only and
// aws-lambda-go's type would write as an object of empty strings.
type requestContext struct {
	events.APIGatewayV2HTTPRequestContext
	Authentication *struct{} `json:"authentication,omitempty"`
}

// integrationEvent returns a request in payload format 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func (a *API) integrationEvent(x *exchange) ([]byte, error) {
	headers, cookies := eventHeaders(x.r, x.trace, len(x.body))
	body, isBase64 := eventBody(x.r.Header.Get("Content-Type"), x.body)
	context := a.requestContext(x)
	if x.route.Authorizer != nil {
		context.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: x.authorizer}
	}
	return marshal(struct {
		events.APIGatewayV2HTTPRequest
		RequestContext requestContext `json:"requestContext"`
	}{
		events.APIGatewayV2HTTPRequest{
			Version:               "2.0",
			RouteKey:              x.routeKey(),
			RawPath:               x.path(),
			RawQueryString:        x.r.URL.RawQuery,
			Cookies:               cookies,
			Headers:               headers,
			QueryStringParameters: queryParameters(x.r),
			PathParameters:        x.params,
			StageVariables:        a.cfg.StageVariables,
			Body:                  body,
			IsBase64Encoded:       isBase64,
		}, requestContext{APIGatewayV2HTTPRequestContext: context},
	})
}

// marshal does not escape <, > and &: each would take six bytes of Lambda's
// limit.
func marshal(event any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(event); err != nil {
		return nil, fmt.Errorf("write event: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// authorizerEvent returns a request in an authorizer's payload format 2.0: with
// the values of the identity sources, without the body.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func (a *API) authorizerEvent(x *exchange, identity []string) ([]byte, error) {
	headers, cookies := eventHeaders(x.r, x.trace, len(x.body))
	return marshal(struct {
		events.APIGatewayV2CustomAuthorizerV2Request
		RequestContext requestContext `json:"requestContext"`
	}{
		events.APIGatewayV2CustomAuthorizerV2Request{
			Version:               "2.0",
			Type:                  "REQUEST",
			RouteArn:              fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/$default/%s%s", a.cfg.Region, a.cfg.Account, a.cfg.APIID, x.r.Method, x.path()),
			IdentitySource:        identity,
			RouteKey:              x.routeKey(),
			RawPath:               x.path(),
			RawQueryString:        x.r.URL.RawQuery,
			Cookies:               cookies,
			Headers:               headers,
			QueryStringParameters: queryParameters(x.r),
			PathParameters:        x.params,
			StageVariables:        a.cfg.StageVariables,
		}, requestContext{APIGatewayV2HTTPRequestContext: a.requestContext(x)},
	})
}

func (a *API) requestContext(x *exchange) events.APIGatewayV2HTTPRequestContext {
	prefix, _, _ := strings.Cut(x.r.Host, ".")
	return events.APIGatewayV2HTTPRequestContext{
		RouteKey:     x.routeKey(),
		AccountID:    a.cfg.Account,
		Stage:        "$default",
		RequestID:    x.id,
		APIID:        a.cfg.APIID,
		DomainName:   x.r.Host, // documented to be the Host header
		DomainPrefix: prefix,
		Time:         requestTime(x.start),
		TimeEpoch:    x.start.UnixMilli(),
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
			Method:    x.r.Method,
			Path:      x.path(),
			Protocol:  x.r.Proto,
			SourceIP:  sourceIP(x.r),
			UserAgent: x.r.UserAgent(),
		},
	}
}

// requestTime formats a time in the common log format, as $context.requestTime.
func requestTime(at time.Time) string { return at.UTC().Format("02/Jan/2006:15:04:05 -0700") }

// eventHeaders returns a request's headers with lower-case names and repeated ones
// joined with commas, and separately its cookies. The gateway drops hop-by-hop
// headers.
func eventHeaders(r *http.Request, trace string, length int) (headers map[string]string, cookies []string) {
	headers = map[string]string{
		"host":              r.Host,
		"content-length":    strconv.Itoa(length),
		"x-amzn-trace-id":   trace,
		"x-forwarded-for":   strings.Join(append(r.Header.Values("X-Forwarded-For"), sourceIP(r)), ", "),
		"x-forwarded-port":  "443",
		"x-forwarded-proto": "https",
	}
	for name, values := range r.Header {
		name = strings.ToLower(name)
		if _, set := headers[name]; !set && !hopByHop[name] && name != "cookie" {
			headers[name] = strings.Join(values, ",")
		}
	}
	for _, line := range r.Header.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			cookies = append(cookies, strings.TrimSpace(cookie))
		}
	}
	return headers, cookies
}

var hopByHop = map[string]bool{
	"connection": true, "keep-alive": true, "proxy-authenticate": true, "proxy-authorization": true,
	"te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

// queryParameters returns the decoded parameters, repeated ones joined with
// commas; nil if there are none.
func queryParameters(r *http.Request) map[string]string {
	parameters := map[string]string{}
	for name, values := range r.URL.Query() {
		parameters[name] = strings.Join(values, ",")
	}
	if len(parameters) == 0 {
		return nil
	}
	return parameters
}

// eventBody returns a body as it appears in an event. text/* and three application
// types are text, whatever their parameters. Everything else is base64-encoded,
// including bodies without a content type and +json types (observed on AWS, which
// documents no rule: ministackorg/ministack pull request 766). Text that is not
// valid UTF-8 cannot be part of JSON and is encoded too (unsure).
func eventBody(contentType string, body []byte) (text string, isBase64 bool) {
	kind, _, _ := mime.ParseMediaType(contentType)
	isText := strings.HasPrefix(kind, "text/") ||
		kind == "application/json" || kind == "application/xml" || kind == "application/javascript"
	if len(body) == 0 || isText && utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}
