package stacks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/gateway"
	"serverless-mcp/internal/settings"
)

func TestEveryRouteHasTheAuthorizer(t *testing.T) {
	for name, result := range everySynthesis() {
		checkRoutes(t, name, result)
	}
}

func checkRoutes(t *testing.T, name string, result synthesized) {
	t.Helper()
	authorizers := authorizersOf(result)
	checkPublicRoutes(t, name, result)
	got := map[string]string{}
	for _, id := range result.idsOf("ApiGatewayV2::Route") {
		p := result.Resources[id].Properties
		key := p["RouteKey"].(string)
		if _, isPublic := publicRoutes(result)[key]; isPublic {
			continue
		}
		check := refs(p["AuthorizerId"])
		if p["AuthorizationType"] != "CUSTOM" || len(check) != 1 || authorizers[check[0]] == nil {
			t.Errorf("%s: %s is open: AuthorizationType %v, AuthorizerId %v", name, key, p["AuthorizationType"], p["AuthorizerId"])
			continue
		}
		got[key] = authorizers[check[0]]["Name"].(string)
		integration := refs(p["Target"])[0]
		if target := refs(result.Resources[integration].Properties["IntegrationUri"]); !slices.Equal(target, []string{"Mcp"}) {
			t.Errorf("%s: %s goes to %v, want Mcp", name, key, target)
		}
	}
	want := map[string]string{}
	for _, method := range []string{"POST", "GET", "DELETE"} {
		if !result.settings.Has(settings.ShapeHTTPAPI) {
			continue // no HTTP API
		}
		want[method+" /mcp"], want[method+" /mcp/{proxy+}"] = "KeyAuthorizer", "KeyAuthorizer"
		if result.settings.BearerRoute {
			want[method+" /bearer/mcp"], want[method+" /bearer/mcp/{proxy+}"] = "BearerAuthorizer", "BearerAuthorizer"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: routes and their authorizers (-want +got):\n%s", name, diff)
	}
	for _, id := range result.idsOf("ApiGatewayV2::Api") {
		for _, shortcut := range []string{"Target", "RouteKey", "Body", "BodyS3Location"} {
			if v := result.Resources[id].Properties[shortcut]; v != nil {
				t.Errorf("%s: %s of %s adds routes: %v", name, shortcut, id, v)
			}
		}
	}
}

// publicRoutes returns the routes that may have no authorizer. Their only list, with the
// reasons, is in the settings. It is empty if there is no HTTP API.
func publicRoutes(result synthesized) map[string]settings.PublicRoute {
	all := map[string]settings.PublicRoute{}
	if !result.settings.Has(settings.ShapeHTTPAPI) {
		return all
	}
	for _, r := range result.settings.PublicRoutes() {
		all[r.Method+" "+r.Path] = r
	}
	return all
}

// checkPublicRoutes checks that the public routes are those of the settings and lead
// to the functions named there, and that each has its own throttle in the stage,
// which is created after the route.
func checkPublicRoutes(t *testing.T, name string, result synthesized) {
	t.Helper()
	want, got := map[string]any{}, map[string]any{}
	for key, r := range publicRoutes(result) {
		want[key] = map[string]any{"ThrottlingRateLimit": float64(r.Rate), "ThrottlingBurstLimit": float64(r.Burst)}
	}
	for _, id := range result.idsOf("ApiGatewayV2::Stage") {
		routeSettings, _ := result.Resources[id].Properties["RouteSettings"].(map[string]any)
		maps.Copy(got, routeSettings)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: throttles of public routes (-want +got):\n%s", name, diff)
	}
	for _, id := range result.idsOf("ApiGatewayV2::Route") {
		p := result.Resources[id].Properties
		if _, isPublic := want[p["RouteKey"].(string)]; !isPublic {
			continue
		}
		integration := refs(p["Target"])[0]
		want := publicRoutes(result)[p["RouteKey"].(string)].Function
		if target := refs(result.Resources[integration].Properties["IntegrationUri"]); !slices.Equal(target, []string{want}) {
			t.Errorf("%s: %v goes to %v without an authorizer, want %s", name, p["RouteKey"], target, want)
		}
		if stage := result.idsOf("ApiGatewayV2::Stage")[0]; !slices.Contains(result.Resources[stage].DependsOn, id) {
			t.Errorf("%s: the stage does not depend on %v", name, p["RouteKey"])
		}
	}
	for _, s := range result.statements() {
		for _, action := range s.actions {
			if slices.Contains(s.roles, "PageRole") && !strings.HasPrefix(action, "logs:") && !(result.settings.Watch.Tracing && strings.HasPrefix(action, "xray:Put")) {
				t.Errorf("%s: the page, which is public, may do %s", name, action)
			}
		}
	}
}

// authorizersOf returns the authorizers' properties by their logical ids.
func authorizersOf(result synthesized) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, id := range result.idsOf("ApiGatewayV2::Authorizer") {
		all[id] = result.Resources[id].Properties
	}
	return all
}

// TestAuthorizers: each has one identity source, because the gateway requires all sources.
func TestAuthorizers(t *testing.T) {
	const key, bearer = "$request.header.x-api-key", "$request.header.Authorization"
	for name, want := range map[string]struct {
		ttl     float64
		sources map[string]string
	}{
		"chosen": {300, map[string]string{"KeyAuthorizer": key}},
		"full":   {0, map[string]string{"KeyAuthorizer": key, "BearerAuthorizer": bearer}},
	} {
		found := authorizersOf(all[name])
		if len(found) != len(want.sources) {
			t.Errorf("%s: %d authorizers, want %d", name, len(found), len(want.sources))
		}
		for _, properties := range found {
			got := maps.Clone(properties)
			if uri := refs(got["AuthorizerUri"]); !slices.Equal(uri, []string{"Authorizer"}) {
				t.Errorf("%s: the authorizer calls %v", name, uri)
			}
			delete(got, "AuthorizerUri")
			whole := map[string]any{
				"ApiId": map[string]any{"Ref": "Api"}, "Name": got["Name"],
				"AuthorizerType": "REQUEST", "AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": true,
				"IdentitySource": []any{want.sources[got["Name"].(string)]}, "AuthorizerResultTtlInSeconds": want.ttl,
			}
			if diff := cmp.Diff(whole, got); diff != "" {
				t.Errorf("%s: authorizer (-want +got):\n%s", name, diff)
			}
		}
	}
}

// TestOnlyTheAPIInvokes: other callers of a function would bypass the authorizer.
func TestOnlyTheAPIInvokes(t *testing.T) {
	result := all["full"]
	for _, id := range result.idsOf("Lambda::Permission") {
		p := result.Resources[id].Properties
		if p["Principal"] != "apigateway.amazonaws.com" || !slices.Contains(refs(p["SourceArn"]), "Api") {
			t.Errorf("%s: %v may invoke, from %v", id, p["Principal"], p["SourceArn"])
		}
	}
	if urls := result.idsOf("Lambda::Url"); urls != nil {
		t.Errorf("function URLs %v", urls)
	}
}

// TestAccessLog: the group's name keeps it out of the account's resource policy, and
// the fields have the names that the functions log.
func TestAccessLog(t *testing.T) {
	p := all["chosen"].Resources[onlyID(t, all["chosen"], "ApiGatewayV2::Stage")].Properties
	access := p["AccessLogSettings"].(map[string]any)
	if got := refs(access["DestinationArn"]); !slices.Equal(got, []string{"AccessLog"}) {
		t.Errorf("the access log goes to %v", got)
	}
	if got := all["full"].Resources["AccessLog"].Properties["LogGroupName"]; got != "/aws/vendedlogs/http-api/Weather-dev" {
		t.Errorf("the access log is named %v", got)
	}
	format := access["Format"].(string)
	var fields map[string]string
	if err := json.Unmarshal([]byte(format), &fields); err != nil || strings.Contains(format, "\n") {
		t.Fatalf("format is not one line of JSON: %v: %s", err, format)
	}
	for _, name := range []string{"requestId", "status", "keyId", "routeKey", "durationMs", "error"} {
		if fields[name] == "" {
			t.Errorf("no %s in the access log", name)
		}
	}
	for name, variable := range fields {
		if !strings.HasPrefix(variable, "$context.") || strings.Contains(strings.ToLower(variable), "api-key") {
			t.Errorf("%s logs %s", name, variable)
		}
	}
	for _, chosen := range []string{"path", "identity.userAgent", "domainName", "httpMethod", "protocol"} {
		if slices.Contains(slices.Collect(maps.Values(fields)), "$context."+chosen) {
			t.Errorf("the access log has %s, which callers choose", chosen)
		}
	}
	if diff := cmp.Diff(format, gateway.DefaultAccessLogFormat); diff != "" {
		t.Errorf("the local gateway's access log differs (-stack +local):\n%s", diff)
	}
}

func TestCORSOnlyWhereOriginsAreAllowed(t *testing.T) {
	if got, ok := all["chosen"].Resources["Api"].Properties["CorsConfiguration"]; ok {
		t.Errorf("CORS without ALLOWED_ORIGINS: %v", got)
	}
	want := map[string]any{
		"AllowOrigins": []any{"https://app.example.com", "http://localhost:6274"},
		"AllowMethods": []any{"POST", "GET", "DELETE"},
		"AllowHeaders": []any{"content-type", "x-api-key", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id", "authorization"},
		"MaxAge":       3600.0,
	}
	if diff := cmp.Diff(want, all["full"].Resources["Api"].Properties["CorsConfiguration"]); diff != "" {
		t.Errorf("CORS (-want +got):\n%s", diff)
	}
}

// onlyID returns the id of the only resource of a type.
func onlyID(t *testing.T, result synthesized, kind string) string {
	t.Helper()
	ids := result.idsOf(kind)
	if len(ids) != 1 {
		t.Fatalf("%s: %v, want exactly one", kind, ids)
	}
	return ids[0]
}
