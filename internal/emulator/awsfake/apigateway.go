package awsfake

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// HTTPAPI is an HTTP API with a resettable authorizer cache.
type HTTPAPI struct {
	ID           string
	Stage        string // empty means $default
	Reset        func() // called by ResetAuthorizersCache; nil means no callback
	Integrations []HTTPIntegration
}

// HTTPIntegration is an integration of an HTTPAPI.
type HTTPIntegration struct {
	URI     string
	Timeout time.Duration // integration timeout
}

// NewAPIGateway returns a fake of API Gateway v2 with the operations
// ResetAuthorizersCache and GetIntegrations.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename-cache-authorizers.html
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
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
				if api.Reset != nil {
					api.Reset()
				}
				return nil, nil
			}
		}
		if known {
			return nil, &Error{Status: http.StatusNotFound, Code: "NotFoundException", Message: "Invalid stage identifier specified"}
		}
		return nil, o.apiNotFound(id)
	}))
	mux.Handle("GET /v2/apis/{api}/integrations", o.rest("GetIntegrations", func(r *http.Request) (any, error) {
		id := r.PathValue("api")
		i := slices.IndexFunc(apis, func(api HTTPAPI) bool { return api.ID == id })
		if i < 0 {
			return nil, o.apiNotFound(id)
		}
		return integrationsPage(apis[i].Integrations, r.URL.Query().Get("nextToken")), nil
	}))
	return mux
}

// integrationsPage returns one integration per page, so that callers which read only
// the first page fail.
func integrationsPage(all []HTTPIntegration, token string) any {
	at, _ := strconv.Atoi(token) // the first page has none
	page := map[string]any{"items": []any{}}
	if at < len(all) {
		page["items"] = []any{map[string]any{"integrationUri": all[at].URI, "timeoutInMillis": all[at].Timeout.Milliseconds()}}
	}
	if at+1 < len(all) {
		page["nextToken"] = strconv.Itoa(at + 1)
	}
	return page
}

func (o Options) apiNotFound(id string) *Error {
	return &Error{Status: http.StatusNotFound, Code: "NotFoundException", Message: "Invalid API identifier specified " + o.Account + ":" + id}
}
