package gateway

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// urlContext adds the fields of a Function URL's request context that
// aws-lambda-go's type lacks.
type urlContext struct {
	events.LambdaFunctionURLRequestContext
	RouteKey string `json:"routeKey"`
	Stage    string `json:"stage"`
}

// event returns a request in a Function URL's payload format, which is that of HTTP APIs
// (2.0) except that the path stays encoded.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
func (u *urlHandler) event(r *http.Request, id string, start time.Time, body []byte) ([]byte, error) {
	headers, cookies := eventHeaders(r, traceHeader(r, start), len(body))
	text, isBase64 := eventBody(r.Header.Get("Content-Type"), body)
	prefix, _, _ := strings.Cut(r.Host, ".")
	return marshal(struct {
		events.LambdaFunctionURLRequest
		RouteKey       string     `json:"routeKey"`
		RequestContext urlContext `json:"requestContext"`
	}{
		RouteKey: defaultRoute,
		LambdaFunctionURLRequest: events.LambdaFunctionURLRequest{
			Version:               "2.0",
			RawPath:               r.URL.EscapedPath(),
			RawQueryString:        r.URL.RawQuery,
			Cookies:               cookies,
			Headers:               headers,
			QueryStringParameters: queryParameters(r),
			Body:                  text,
			IsBase64Encoded:       isBase64,
		},
		RequestContext: urlContext{RouteKey: defaultRoute, Stage: "$default", LambdaFunctionURLRequestContext: events.LambdaFunctionURLRequestContext{
			AccountID:    "anonymous", // for requests without a signature
			RequestID:    id,
			APIID:        u.ID,
			DomainName:   r.Host,
			DomainPrefix: prefix,
			Time:         requestTime(start),
			TimeEpoch:    start.UnixMilli(),
			HTTP: events.LambdaFunctionURLRequestContextHTTPDescription{
				Method:    r.Method,
				Path:      r.URL.EscapedPath(),
				Protocol:  r.Proto,
				SourceIP:  sourceIP(r),
				UserAgent: r.UserAgent(),
			},
		}},
	})
}
