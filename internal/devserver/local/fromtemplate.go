package local

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/settings"
)

// FromTemplate returns the topology that a synthesized CloudFormation template
// declares, or an error for resources that cannot be emulated faithfully.
func FromTemplate(data []byte) (Topology, error) {
	t, err := parseTemplate(data)
	if err != nil {
		return Topology{}, err
	}
	out := Topology{
		Functions: map[string]Function{}, Secrets: map[string]Secret{}, Authorizers: map[string]Authorizer{},
	}
	err = errors.Join(
		t.ofType("AWS::SecretsManager::Secret", out.addSecret),
		t.ofType("AWS::DynamoDB::Table", out.addTable),
		t.ofType("AWS::Lambda::Function", out.addFunction),
		t.ofType("AWS::ApiGatewayV2::Api", out.addAPI),
		t.ofType("AWS::ApiGatewayV2::DomainName", out.addDomain),
		t.ofType("AWS::ApiGatewayV2::Stage", out.addStage),
		t.ofType("AWS::ApiGatewayV2::Authorizer", out.addAuthorizer),
		t.ofType("AWS::ApiGatewayV2::Route", func(_ string, r resource) error { return out.addRoute(t, r) }),
		t.ofType("AWS::ECS::TaskDefinition", out.addTask),
		t.ofType("AWS::ElasticLoadBalancingV2::TargetGroup", out.addTargets),
		t.ofType("AWS::ApplicationAutoScaling::ScalableTarget", out.addScaling),
		t.ofType("AWS::Lambda::Url", func(_ string, r resource) error { return out.addURL(t, r) }),
	)
	if err == nil {
		err = t.ofType("AWS::ApiGatewayV2::Stage", out.throttleRoutes) // after the routes were read
	}
	if err != nil {
		return Topology{}, fmt.Errorf("read template: %w", err)
	}
	sortRoutes(out.Routes)
	return out, nil
}

func (t *Topology) addSecret(id string, r resource) error {
	t.Secrets[id] = Secret{Value: r.text("SecretString"), Generated: r.object("GenerateSecretString") != nil}
	return nil
}

func (t *Topology) addFunction(id string, r resource) error {
	if runtime := r.text("Runtime"); runtime != "provided.al2023" {
		return fmt.Errorf("its runtime is %q, want provided.al2023", runtime)
	}
	env := map[string]string{}
	variables, _ := r.object("Environment")["Variables"].(map[string]any)
	for name, value := range variables {
		env[name] = fmt.Sprint(value)
	}
	t.Functions[id] = Function{
		Package: packageOf(id), Env: env, MemoryMB: cmp.Or(r.number("MemorySize"), 128),
		Timeout: cmp.Or(r.seconds("Timeout"), 3*time.Second), Concurrency: r.number("ReservedConcurrentExecutions"),
	}
	return nil
}

func (t *Topology) addAPI(_ string, r resource) error {
	if kind := r.text("ProtocolType"); kind != "HTTP" {
		return fmt.Errorf("its protocol is %q, want HTTP", kind)
	}
	t.CORS = corsIn(r.object("CorsConfiguration"))
	t.Timeout = settings.GatewayTimeout // unless an integration sets a timeout
	t.OnlyDomain = fmt.Sprint(r.Properties["DisableExecuteApiEndpoint"]) == "true"
	return nil
}

// addDomain reads the HTTP API's domain name.
func (t *Topology) addDomain(_ string, r resource) error {
	if t.Domain != "" {
		return errors.New("the template has more than one; only one is supported")
	}
	t.Domain = r.text("DomainName")
	return nil
}

// corsIn reads a CORS configuration, which has the same form in an API and in a
// Function URL.
func corsIn(cors map[string]any) CORS {
	return CORS{
		AllowOrigins: texts(cors["AllowOrigins"]), AllowMethods: texts(cors["AllowMethods"]),
		AllowHeaders: texts(cors["AllowHeaders"]), MaxAge: seconds(number(cors["MaxAge"])),
	}
}

// addURL reads a Function URL, which must be public.
func (t *Topology) addURL(from template, r resource) error {
	if t.URL.Function != "" {
		return errors.New("the template has more than one; only one is supported")
	}
	if auth, mode := r.text("AuthType"), r.text("InvokeMode"); auth != "NONE" || mode != "RESPONSE_STREAM" {
		return fmt.Errorf("its AuthType is %q and its InvokeMode %q, want NONE and RESPONSE_STREAM", auth, mode)
	}
	t.URL = FunctionURL{Function: functionIn(r.text("TargetFunctionArn")), CORS: corsIn(r.object("Cors"))}
	allowed := map[string]bool{}
	for _, p := range from.Resources {
		if p.Type == "AWS::Lambda::Permission" && functionIn(p.text("FunctionName")) == t.URL.Function && p.text("Principal") == "*" {
			allowed[p.text("Action")] = true
		}
	}
	// Without both permissions, AWS answers every call with 403.
	for _, action := range []string{"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"} {
		if !allowed[action] {
			return fmt.Errorf("the permission %s for everyone (Principal *) is missing", action)
		}
	}
	return nil
}

func (t *Topology) addStage(_ string, r resource) error {
	if name := r.text("StageName"); name != "$default" {
		return fmt.Errorf("its name is %q, want $default: other names become part of every path", name)
	}
	throttle := r.object("DefaultRouteSettings")
	t.Throttle = Throttle{Rate: float64(number(throttle["ThrottlingRateLimit"])), Burst: number(throttle["ThrottlingBurstLimit"])}
	return nil
}

// throttleRoutes reads a stage's settings for individual routes. Settings for a missing
// route would make the deployment fail.
func (t *Topology) throttleRoutes(_ string, r resource) error {
	for key, value := range r.object("RouteSettings") {
		i := slices.IndexFunc(t.Routes, func(r Route) bool { return r.Method+" "+r.Path == key })
		settings, ok := value.(map[string]any)
		if i < 0 || !ok {
			return fmt.Errorf("it has settings for the unknown route %q", key)
		}
		t.Routes[i].Throttle = Throttle{Rate: float64(number(settings["ThrottlingRateLimit"])), Burst: number(settings["ThrottlingBurstLimit"])}
	}
	return nil
}

func (t *Topology) addAuthorizer(_ string, r resource) error {
	if r.text("AuthorizerType") != "REQUEST" || r.text("AuthorizerPayloadFormatVersion") != "2.0" || r.Properties["EnableSimpleResponses"] != true {
		return errors.New("want type REQUEST, payload format 2.0 and simple responses")
	}
	t.Authorizers[r.text("Name")] = Authorizer{
		Function:       functionIn(r.text("AuthorizerUri")),
		IdentitySource: texts(r.Properties["IdentitySource"]),
		TTL:            r.seconds("AuthorizerResultTtlInSeconds"),
	}
	return nil
}

func (t *Topology) addRoute(from template, r resource) error {
	method, path, ok := strings.Cut(r.text("RouteKey"), " ")
	integration, found := from.Resources[strings.TrimPrefix(r.text("Target"), "integrations/")]
	if !ok || !found {
		return fmt.Errorf("unsupported route %q with target %q", r.text("RouteKey"), r.text("Target"))
	}
	if integration.text("IntegrationType") != "AWS_PROXY" || integration.text("PayloadFormatVersion") != "2.0" {
		return errors.New("want an integration of type AWS_PROXY with payload format 2.0")
	}
	if ms := integration.number("TimeoutInMillis"); ms > 0 {
		t.Timeout = time.Duration(ms) * time.Millisecond
	}
	route := Route{Method: method, Path: path, Function: functionIn(integration.text("IntegrationUri"))}
	if r.text("AuthorizationType") == "CUSTOM" {
		route.Authorizer = from.Resources[r.text("AuthorizerId")].text("Name")
	}
	t.Routes = append(t.Routes, route)
	return nil
}

// functionIn returns the logical id of the function in a URI, which is either the id
// itself or .../functions/<id>/invocations.
func functionIn(uri string) string {
	parts := strings.Split(uri, "/")
	if i := slices.Index(parts, "functions"); i >= 0 && i+1 < len(parts) {
		return parts[i+1]
	}
	return uri
}
