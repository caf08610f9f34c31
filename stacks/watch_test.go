package stacks

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/metrics"
)

// published are the metrics that AWS publishes, with their dimensions, as documented:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
var published = map[string]string{
	"AWS/ApiGateway 4xx": "ApiId", "AWS/ApiGateway 5xx": "ApiId", "AWS/ApiGateway Count": "ApiId",
	"AWS/Lambda Errors": "FunctionName", "AWS/Lambda Invocations": "FunctionName", "AWS/Lambda Throttles": "FunctionName", "AWS/Lambda Duration": "FunctionName",
	"AWS/Lambda AsyncEventsDropped": "FunctionName", "AWS/Lambda AsyncEventAge": "FunctionName",
	"AWS/ApplicationELB HTTPCode_Target_5XX_Count": "LoadBalancer TargetGroup", "AWS/ApplicationELB RequestCount": "LoadBalancer TargetGroup",
	"AWS/ApplicationELB UnHealthyHostCount": "LoadBalancer TargetGroup", "AWS/ApiGateway IntegrationLatency": "ApiId",
}

// isPublished reports whether AWS publishes a metric with those dimensions, or the
// servers write it.
func isPublished(namespace, name string, dimensions []string) bool {
	if namespace == metrics.Namespace {
		return slices.ContainsFunc(metrics.All(), func(m metrics.Metric) bool {
			return m.Name == name && slices.ContainsFunc(m.Dimensions, func(set []string) bool { return slices.Equal(set, dimensions) })
		})
	}
	want, ok := published[namespace+" "+name]
	return ok && want == strings.Join(dimensions, " ")
}

// searched matches an expression of the dashboard that searches for metrics.
var searched = regexp.MustCompile(`^SEARCH\('\{(\w+),(\w+),(\w+)\} Server="McpServerStack" MetricName="(\w+)"', '(SampleCount|Sum|p95)', 300\)$`)

// TestAlarmMetrics: each alarm and each graph of the dashboard has a metric, with its
// dimensions, that AWS publishes for a resource of the stack or the servers write. Jobs
// and limits add alarms and graphs.
func TestAlarmMetrics(t *testing.T) {
	want := []string{
		"ApiFailed", "ApiRejected", "AuthorizerFailed", "AuthorizerSlow", "AuthorizerThrottled", "ContainerFailed", "ContainerUnhealthy",
		"KeysUnreadable", "McpFailed", "McpSlow", "McpStreamFailed", "McpStreamSlow", "McpStreamThrottled", "McpThrottled", "RequestsFailed", "RequestsRefused",
	}
	graphs := []string{
		"Age of the keys", "Calls by tool", "Cold starts", "Duration by tool, 95th percentile", "Errors by tool", "Latency of the functions", "Rejected requests by reason",
	}
	checkAlarms(t, all["alarms"], want, graphs)
	want = append(want, "JobFailed", "JobSlow", "JobThrottled", "JobsDropped", "JobsWaiting", "LimitsUnavailable")
	checkAlarms(t, all["features"], want, append(graphs, "Runs of jobs", "Duration of jobs"))
}

// TestDashboardURL: the URL of the dashboard leads to the console of the region's partition.
func TestDashboardURL(t *testing.T) {
	var conditions struct {
		Conditions map[string]struct {
			Equals []any `json:"Fn::Equals"`
		}
	}
	if err := json.Unmarshal(all["metrics"].raw, &conditions); err != nil {
		t.Fatal(err)
	}
	for partition, domain := range map[string]string{"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"} {
		var text func(v any) string
		text = func(v any) string {
			if s, ok := v.(string); ok {
				return s
			}
			if join := at(v, "Fn::Join"); join != nil {
				var parts []string
				for _, part := range join.([]any)[1].([]any) {
					parts = append(parts, text(part))
				}
				return strings.Join(parts, join.([]any)[0].(string))
			}
			if choice, ok := at(v, "Fn::If").([]any); ok {
				if slices.Contains(conditions.Conditions[choice[0].(string)].Equals, any(partition)) {
					return text(choice[1])
				}
				return text(choice[2])
			}
			return at(v, "Ref").(string)
		}
		want := "https://AWS::Region." + domain + "/cloudwatch/home#dashboards:name=McpServerStack"
		if got := text(all["metrics"].Outputs["DashboardUrl"].Value); got != want {
			t.Errorf("%s: %s, want %s", partition, got, want)
		}
	}
}

// checkAlarms checks the alarms and the other graphs of a dashboard, and that their metrics
// exist.
func checkAlarms(t *testing.T, result synthesized, want, graphs []string) {
	t.Helper()
	alarms := result.idsOf("CloudWatch::Alarm")
	slices.Sort(want)
	if diff := cmp.Diff(want, alarms); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
	for _, id := range alarms {
		p := result.Resources[id].Properties
		var watched []string
		for _, query := range p["Metrics"].([]any) {
			if at(query, "ReturnData") == true {
				watched = append(watched, at(query, "Id").(string))
			}
			m, isMetric := at(query, "MetricStat", "Metric").(map[string]any)
			if !isMetric {
				continue
			}
			var names, resources []string
			for _, d := range list(m["Dimensions"]) {
				names = append(names, at(d, "Name").(string))
				resources = append(resources, refs(at(d, "Value"))...)
				if at(d, "Name") == metrics.Server && at(d, "Value") == "McpServerStack" {
					resources = append(resources, "the stack")
				}
			}
			if !isPublished(m["Namespace"].(string), m["MetricName"].(string), names) || len(resources) != len(names) {
				t.Errorf("%s: no source publishes %s %s with %v of %v", id, m["Namespace"], m["MetricName"], names, resources)
			}
		}
		if len(watched) != 1 {
			t.Errorf("%s watches %v, want one metric", id, watched)
		}
	}
	var body struct {
		Widgets []struct {
			Properties struct {
				Title   string
				Metrics [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(resolved(result.Resources["Dashboard"].Properties["DashboardBody"])), &body); err != nil {
		t.Fatal(err)
	}
	var titles []string
	searches := 0
	for _, w := range body.Widgets {
		titles = append(titles, w.Properties.Title)
		for _, m := range w.Properties.Metrics {
			if search, ok := m[0].(map[string]any); ok {
				found := searched.FindStringSubmatch(fmt.Sprint(search["expression"]))
				if found == nil || !isPublished(found[1], found[4], found[2:4]) {
					t.Errorf("dashboard: no source publishes %v", search)
				}
				searches++
				continue
			}
			var dimensions []string
			for i := 2; i+1 < len(m); i += 2 {
				dimensions = append(dimensions, m[i].(string))
			}
			if !isPublished(m[0].(string), m[1].(string), dimensions) {
				t.Errorf("dashboard: no source publishes %v with %v", m[:2], dimensions)
			}
		}
	}
	if searches != 4 {
		t.Errorf("%d graphs search for tools and reasons, want 4", searches)
	}
	want = append(slices.Clone(want), graphs...)
	slices.Sort(want)
	slices.Sort(titles)
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Errorf("graphs (-want +got):\n%s", diff)
	}
}

// resolved joins the parts of a text, with "reference" in place of each reference.
func resolved(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if parts, ok := v["Fn::Join"].([]any); ok {
			var text strings.Builder
			for _, part := range parts[1].([]any) {
				text.WriteString(resolved(part))
			}
			return text.String()
		}
		return "reference"
	}
	return ""
}

// TestAlarms: an alarm begins with the command to run, needs several bad periods,
// and is not raised by a server without requests.
func TestAlarms(t *testing.T) {
	result := all["features"]
	for _, id := range result.idsOf("CloudWatch::Alarm") {
		p := result.Resources[id].Properties
		text := resolved(p["AlarmDescription"])
		if !regexp.MustCompile(`^go tool mcpctl (doctor|keys list|jobs list|logs --errors) --stack McpServerStack --region reference: [A-Z].*\.$`).MatchString(text) {
			t.Errorf("%s: description %q", id, text)
		}
		if p["TreatMissingData"] != "notBreaching" || p["ComparisonOperator"] != "GreaterThanThreshold" {
			t.Errorf("%s: %v, %v", id, p["TreatMissingData"], p["ComparisonOperator"])
		}
		if bad, of := p["DatapointsToAlarm"].(float64), p["EvaluationPeriods"].(float64); bad < 2 || bad > of {
			t.Errorf("%s: %v of %v periods", id, bad, of)
		}
		if got := refs(p["AlarmActions"]); !slices.Equal(got, []string{"AlarmTopic"}) {
			t.Errorf("%s: actions %v", id, got)
		}
	}
	slow := result.Resources["McpSlow"].Properties["Threshold"]
	if slow != 26100.0 { // 90 % of 29 s
		t.Errorf("McpSlow: threshold %v ms", slow)
	}
	if wait := result.Resources["JobsWaiting"].Properties["Threshold"]; wait != 300_000.0 {
		t.Errorf("JobsWaiting: threshold %v ms, want 5 minutes", wait)
	}
}

// TestMetricsWithoutAlarms: the processes write metrics and traces, and the dashboard
// shows the metrics. Without TRACING no function is traced.
func TestMetricsWithoutAlarms(t *testing.T) {
	result := all["metrics"]
	if alarms := result.idsOf("CloudWatch::Alarm"); alarms != nil {
		t.Errorf("alarms %v", alarms)
	}
	for _, id := range []string{"Authorizer", "Mcp"} {
		p := result.Resources[id].Properties
		if at(p, "TracingConfig", "Mode") != "Active" || at(p, "Environment", "Variables", "METRICS_SERVER") != "McpServerStack" || at(p, "Environment", "Variables", "METRICS_BY_KEY") != "true" {
			t.Errorf("%s: tracing %v, environment %v", id, p["TracingConfig"], p["Environment"])
		}
	}
	if body := resolved(result.Resources["Dashboard"].Properties["DashboardBody"]); !strings.Contains(body, "Calls by tool") || strings.Contains(body, "McpSlow") {
		t.Errorf("dashboard %s", body)
	}
	for name, other := range everySynthesis() {
		for _, id := range other.idsOf("Lambda::Function") {
			if !other.settings.Watch.Tracing && other.Resources[id].Properties["TracingConfig"] != nil {
				t.Errorf("%s: %s is traced", name, id)
			}
		}
	}
}

// TestAlarmTopic: only CloudWatch of this account publishes, over TLS only.
func TestAlarmTopic(t *testing.T) {
	result := all["alarms"]
	policy := result.Resources[onlyID(t, result, "SNS::TopicPolicy")].Properties["PolicyDocument"]
	var got []string
	for _, s := range list(at(policy, "Statement")) {
		got = append(got, strings.Join(append([]string{at(s, "Effect").(string)}, texts(at(s, "Action"))...), " "))
		if at(s, "Effect") == "Allow" {
			want := map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}}
			if diff := cmp.Diff(want, at(s, "Condition")); diff != "" || at(s, "Principal", "Service") != "cloudwatch.amazonaws.com" {
				t.Errorf("%v may publish (-want +got):\n%s", at(s, "Principal"), diff)
			}
		}
	}
	if diff := cmp.Diff([]string{"Deny sns:Publish", "Allow sns:Publish"}, got); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	subscription := result.Resources[onlyID(t, result, "SNS::Subscription")].Properties
	if subscription["Protocol"] != "email" || subscription["Endpoint"] != "ops@example.com" {
		t.Errorf("subscription %v", subscription)
	}
	budget := at(result.Resources["Budget"].Properties, "Budget", "BudgetLimit")
	if diff := cmp.Diff(map[string]any{"Amount": 50.0, "Unit": "USD"}, budget); diff != "" {
		t.Errorf("budget (-want +got):\n%s", diff)
	}
}

// TestWatchChangesNothingElse: alarms add resources to a stack, and to the server only the
// variable that makes it write metrics. Without alarms, none of these resources exist.
func TestWatchChangesNothingElse(t *testing.T) {
	got := maps.Clone(all["alarms"].Resources)
	written := 0
	for id, r := range got {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, variable := range []string{`,"METRICS_SERVER":"McpServerStack"`, `,{"Name":"METRICS_SERVER","Value":"McpServerStack"}`} {
			written += strings.Count(string(text), variable)
			text = []byte(strings.ReplaceAll(string(text), variable, ""))
		}
		var without resource
		if err := json.Unmarshal(text, &without); err != nil {
			t.Fatal(err)
		}
		got[id] = without
	}
	if written != 4 { // authorizer, mcp, mcpstream and the container
		t.Errorf("%d processes write metrics, want 4", written)
	}
	maps.DeleteFunc(got, func(_ string, r resource) bool {
		for _, service := range []string{"CloudWatch", "SNS", "Budgets"} {
			if strings.HasPrefix(r.Type, "AWS::"+service+"::") {
				return true
			}
		}
		return false
	})
	if diff := cmp.Diff(all["three"].Resources, got); diff != "" {
		t.Errorf("(-without alarms +with):\n%s", diff)
	}
}

func TestBudgetName(t *testing.T) {
	if got := budgetName("McpServerStack-dev"); got != "McpServerStack-dev" {
		t.Errorf("budget %q", got)
	}
	if got := budgetName(strings.Repeat("a", 100) + "-prod"); got != strings.Repeat("a", 100) {
		t.Errorf("budget %q of %d characters", got, len(got))
	}
}
