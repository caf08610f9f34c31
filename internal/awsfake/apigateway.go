package awsfake

import (
	"net/http"
)

// HTTPAPI is an API whose cache of authorizer verdicts can be emptied.
type HTTPAPI struct {
	ID    string
	Stage string // zero means $default
	Reset func() // what emptying does
}

// NewAPIGateway is API Gateway v2 as far as revoking a key needs it:
// ResetAuthorizersCache.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename-cache-authorizers.html
func NewAPIGateway(o Options, apis ...HTTPAPI) http.Handler {
	o = o.withDefaults()
	mux := http.NewServeMux()
	mux.Handle("DELETE /v2/apis/{api}/stages/{stage}/cache/authorizers", o.rest("ResetAuthorizersCache", func(r *http.Request) (any, error) {
		id, stage := r.PathValue("api"), r.PathValue("stage")
		known := false
		for _, api := range apis {
			if api.Stage == "" {
				api.Stage = "$default"
			}
			known = known || api.ID == id
			if api.ID == id && api.Stage == stage {
				api.Reset()
				return nil, nil
			}
		}
		if known {
			return nil, &Error{Status: http.StatusNotFound, Code: "NotFoundException", Message: "Invalid stage identifier specified"}
		}
		return nil, &Error{Status: http.StatusNotFound, Code: "NotFoundException", Message: "Invalid API identifier specified " + o.Account + ":" + id}
	}))
	return mux
}
