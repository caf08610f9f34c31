package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/metrics"
	"serverless-mcp/internal/settings"
)

// serverMetric returns a metric that the servers write, for the whole stack.
func serverMetric(s settings.Settings, name, statistic string) metric {
	return metric{metrics.Namespace, name, statistic, [][2]string{{metrics.Server, s.FullStackName()}}}
}

// metricAlarms returns the alarms on metrics that the servers write.
func metricAlarms(s settings.Settings, target string) []alarm {
	calls := serverMetric(s, metrics.Duration, "SampleCount")
	alarms := []alarm{
		{id: "RequestsFailed", command: "go tool mcpctl logs --errors" + target, meaning: "More than 20 % of the requests ended with a tool error, an internal error or a timeout.",
			metric: serverMetric(s, metrics.Errors, "Sum"), total: &calls, threshold: 20, bad: 3, of: 3},
		{id: "RequestsRefused", command: "go tool mcpctl logs --errors" + target,
			meaning: "More than 500 requests in 5 minutes were rejected: a key expired or leaked, or a client is configured wrong.",
			metric:  serverMetric(s, metrics.Refusals, "Sum"), threshold: 500, bad: 3, of: 3},
		{id: "KeysUnreadable", command: "go tool mcpctl doctor" + target,
			meaning: "The keys could not be read: Secrets Manager failed, or a permission is missing. The last ones are used for 15 minutes.",
			metric:  serverMetric(s, metrics.KeyringFailures, "Sum"), bad: 2, of: 3},
	}
	if s.KeyLimits {
		alarms = append(alarms, alarm{id: "LimitsUnavailable", command: "go tool mcpctl logs --errors" + target,
			meaning: "Calls passed without being counted: DynamoDB was slow or failed, or a permission is missing. Meanwhile the limits of keys do not hold.",
			metric:  serverMetric(s, metrics.LimitsUnavailable, "Sum"), bad: 2, of: 3})
	}
	return alarms
}

// A graph is a widget of the dashboard.
type graph struct {
	title string
	lines []any
}

// newDashboard declares a dashboard with graphs of the alarms' metrics and of the metrics
// that the servers write about tools.
func newDashboard(stack awscdk.Stack, s settings.Settings, alarms []alarm) {
	const width, height, columns = 8, 6, 3
	var graphs []graph
	if s.HasMetrics() {
		graphs = metricGraphs(s)
	}
	if s.Has(settings.ShapeHTTPAPI) {
		api := [][2]string{{"ApiId", *child(stack.Node().FindChild(jsii.String("Api"))).Ref()}}
		graphs = append(graphs, graph{"Latency of the functions", []any{
			metric{"AWS/ApiGateway", "IntegrationLatency", "p50", api}.graph(), metric{"AWS/ApiGateway", "IntegrationLatency", "p95", api}.graph()}})
	}
	if s.Jobs {
		graphs = append(graphs,
			graph{"Runs of jobs", []any{jobMetric(stack, "Invocations", "Sum").graph(), jobMetric(stack, "Errors", "Sum").graph()}},
			graph{"Duration of jobs", []any{jobMetric(stack, "Duration", "p50").graph(), jobMetric(stack, "Duration", "p95").graph()}})
	}
	for _, a := range alarms {
		lines := []any{a.metric.graph()}
		if a.total != nil {
			lines = append(lines, a.total.graph())
		}
		graphs = append(graphs, graph{a.id, lines})
	}
	var widgets []any
	for i, g := range graphs {
		widgets = append(widgets, map[string]any{
			"type": "metric", "width": width, "height": height, "x": width * (i % columns), "y": height * (i / columns),
			"properties": map[string]any{"title": g.title, "region": *stack.Region(), "period": alarmPeriod.Seconds(), "metrics": g.lines},
		})
	}
	name := s.FullStackName()
	dashboard := awscloudwatch.NewCfnDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(name), DashboardBody: stack.ToJsonString(map[string]any{"widgets": widgets}, nil),
	})
	dashboard.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
	output(stack, "DashboardUrl", jsii.String("https://"+*stack.Region()+"."+consoleDomain(stack)+"/cloudwatch/home#dashboards:name="+name), "Dashboard in CloudWatch")
}

// consoleDomain returns the domain of the AWS console, which the regions in China and AWS
// GovCloud (US) do not share with the others.
func consoleDomain(stack awscdk.Stack) string {
	domain := "console.aws.amazon.com"
	for _, other := range [][3]string{{"InChina", "aws-cn", "console.amazonaws.cn"}, {"InGovCloud", "aws-us-gov", "console.amazonaws-us-gov.com"}} {
		condition, partition := jsii.String(other[0]), jsii.String(other[1])
		awscdk.NewCfnCondition(stack, condition, &awscdk.CfnConditionProps{Expression: awscdk.Fn_ConditionEquals(stack.Partition(), partition)})
		domain = *awscdk.Token_AsString(awscdk.Fn_ConditionIf(condition, jsii.String(other[2]), jsii.String(domain)), nil)
	}
	return domain
}

// metricGraphs returns the graphs of the servers' metrics. Search expressions find all
// tools and reasons.
func metricGraphs(s settings.Settings) []graph {
	by := func(dimension, name, statistic string) []any {
		return []any{[]any{map[string]any{"label": "", "expression": fmt.Sprintf(`SEARCH('{%s,%s,%s} %s="%s" MetricName="%s"', '%s', %.0f)`,
			metrics.Namespace, metrics.Server, dimension, metrics.Server, s.FullStackName(), name, statistic, alarmPeriod.Seconds())}}}
	}
	return []graph{
		{"Calls by tool", by(metrics.Tool, metrics.Duration, "SampleCount")},
		{"Duration by tool, 95th percentile", by(metrics.Tool, metrics.Duration, "p95")},
		{"Errors by tool", by(metrics.Tool, metrics.Errors, "Sum")},
		{"Rejected requests by reason", by(metrics.Reason, metrics.Refusals, "Sum")},
		{"Cold starts", []any{serverMetric(s, metrics.ColdStart, "Sum").graph()}},
		{"Age of the keys", []any{serverMetric(s, metrics.KeyringAge, "Maximum").graph()}},
	}
}

// graph returns the metric as a dashboard names it.
func (m metric) graph() []any {
	row := []any{m.namespace, m.name}
	for _, d := range m.dimensions {
		row = append(row, d[0], d[1])
	}
	return append(row, map[string]any{"stat": m.statistic})
}
