package stacks

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// alarmPeriod is the period of all alarms' metrics.
const alarmPeriod = 5 * time.Minute

// An alarm is a row of the table of alarms.
type alarm struct {
	id        string
	command   string // the first command to run
	meaning   string // what the alarm means
	metric    metric
	total     *metric // if set, the alarm watches metric as a percentage of total
	threshold float64 // above which a period is bad; percent if total is set
	bad, of   int     // raise the alarm if, of the last "of" periods, at least "bad" are bad
}

// A metric is a CloudWatch metric that AWS publishes or the servers write
// (internal/metrics).
type metric struct {
	namespace, name, statistic string
	dimensions                 [][2]string // names and values
}

// addWatch declares the dashboard, the alarms and the budget. It declares nothing
// if they are off.
func addWatch(stack awscdk.Stack, s settings.Settings) {
	if s.Watch.Alarms {
		alarms := alarmsOf(stack, s)
		topic := newAlarmTopic(stack, s)
		for _, a := range alarms {
			a.declare(stack, topic)
		}
		newDashboard(stack, s, alarms)
	} else if s.HasMetrics() {
		newDashboard(stack, s, nil)
	}
	if s.Watch.BudgetUSD > 0 {
		newBudget(stack, s)
	}
}

// alarmsOf returns the table of alarms for the deployed shapes.
func alarmsOf(stack awscdk.Stack, s settings.Settings) []alarm {
	target := " --stack " + s.FullStackName() + " --region " + *stack.Region()
	doctor := "go tool mcpctl doctor" + target
	var all []alarm
	for _, f := range watchedFunctions(s) {
		dimension := [][2]string{{"FunctionName", *child(stack.Node().FindChild(jsii.String(f.id))).Ref()}}
		lambdaMetric := func(name, statistic string) metric { return metric{"AWS/Lambda", name, statistic, dimension} }
		invocations := lambdaMetric("Invocations", "Sum")
		all = append(all,
			alarm{id: f.id + "Throttled", command: doctor, meaning: f.what + " was called more often than the concurrency allows: " + f.throttled,
				metric: lambdaMetric("Throttles", "Sum"), bad: 2, of: 3},
			alarm{id: f.id + "Failed", command: doctor, meaning: f.failed,
				metric: lambdaMetric("Errors", "Sum"), total: &invocations, threshold: f.percent, bad: 2, of: 3},
			alarm{id: f.id + "Slow", command: doctor, meaning: fmt.Sprintf("%s took more than 90 %% of its timeout of %v.", f.what, f.timeout),
				metric: lambdaMetric("Duration", "Maximum"), threshold: float64(f.timeout.Milliseconds()) * 0.9, bad: 3, of: 5})
	}
	if s.Has(settings.ShapeHTTPAPI) {
		dimension := [][2]string{{"ApiId", *child(stack.Node().FindChild(jsii.String("Api"))).Ref()}}
		apiMetric := func(name string) metric { return metric{"AWS/ApiGateway", name, "Sum", dimension} }
		count := apiMetric("Count")
		all = append(all,
			alarm{id: "ApiFailed", command: doctor, meaning: "More than 5 % of the requests got a 5xx response.",
				metric: apiMetric("5xx"), total: &count, threshold: 5, bad: 2, of: 3},
			alarm{id: "ApiRejected", command: "go tool mcpctl keys list" + target,
				meaning: "More than 500 requests in 5 minutes got a 4xx response: a key expired or leaked, or a client is configured wrong.",
				metric:  apiMetric("4xx"), threshold: 500, bad: 3, of: 3})
	}
	if s.Has(settings.ShapeContainer) {
		all = append(all, containerAlarms(stack, doctor)...)
	}
	if s.Jobs {
		all = append(all, jobAlarms(stack, "go tool mcpctl jobs list"+target)...)
	}
	if s.HasMetrics() {
		all = append(all, metricAlarms(s, target)...)
	}
	return all
}

// A watchedFunction is a Lambda function with alarms.
type watchedFunction struct {
	id, what  string
	timeout   time.Duration
	percent   float64 // a greater share of failed invocations raises an alarm
	failed    string  // meaning of that alarm
	throttled string  // what a throttled call leads to
}

func watchedFunctions(s settings.Settings) []watchedFunction {
	const crashed = "More than 5 % of its invocations crashed or timed out."
	const rejected = "callers got 503."
	var all []watchedFunction
	if s.Has(settings.ShapeHTTPAPI) {
		all = append(all,
			watchedFunction{"Authorizer", "The authorizer function", settings.AuthorizerTimeout, 1,
				"The authorizer could not check keys (no keyring, or Secrets Manager failed): callers got 500.", rejected},
			watchedFunction{"Mcp", "The MCP function", settings.FunctionTimeout, 5, "MCP function: " + crashed, rejected})
	}
	if s.Has(settings.ShapeStream) {
		timeout := time.Duration(s.StreamTimeoutSeconds) * time.Second
		all = append(all, watchedFunction{"McpStream", "The streaming MCP function", timeout, 5, "Streaming MCP function: " + crashed, "callers got 429."})
	}
	if s.Jobs {
		all = append(all, watchedFunction{settings.JobID, "The job function", settings.JobTimeout, 5, "Job function: " + crashed, "jobs wait."})
	}
	return all
}

// maxJobWait is how long an event of a job may wait.
const maxJobWait = 5 * time.Minute

// jobMetric returns a metric of the job function.
func jobMetric(stack awscdk.Stack, name, statistic string) metric {
	return metric{"AWS/Lambda", name, statistic, [][2]string{{"FunctionName", *child(stack.Node().FindChild(jsii.String(settings.JobID))).Ref()}}}
}

// jobAlarms returns the alarms on the events of jobs, in addition to those on the function.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#async-invocation-metrics
func jobAlarms(stack awscdk.Stack, command string) []alarm {
	return []alarm{
		{id: "JobsDropped", command: command, meaning: "Lambda dropped events of jobs: the function failed three times, or mcpctl pause stopped it. Such a job runs when its client asks for it again.",
			metric: jobMetric(stack, "AsyncEventsDropped", "Sum"), bad: 2, of: 3},
		{id: "JobsWaiting", command: command, meaning: fmt.Sprintf("A job waited for more than %v: there are more jobs than the concurrency allows, or the function fails.", maxJobWait),
			metric: jobMetric(stack, "AsyncEventAge", "Maximum"), threshold: float64(maxJobWait.Milliseconds()), bad: 2, of: 3},
	}
}

// containerAlarms returns the alarms of the shape container.
func containerAlarms(stack awscdk.Stack, command string) []alarm {
	balancer := stack.Node().FindChild(jsii.String("Balancer"))
	group := child(balancer.Node().FindChild(jsii.String("Http")).Node().FindChild(jsii.String("McpGroup")))
	name := func(r awscdk.CfnResource, attribute string) string {
		return *awscdk.Token_AsString(r.GetAtt(jsii.String(attribute), awscdk.ResolutionTypeHint_STRING), nil)
	}
	dimensions := [][2]string{{"LoadBalancer", name(child(balancer), "LoadBalancerFullName")}, {"TargetGroup", name(group, "TargetGroupFullName")}}
	balancerMetric := func(metricName, statistic string) metric {
		return metric{"AWS/ApplicationELB", metricName, statistic, dimensions}
	}
	requests := balancerMetric("RequestCount", "Sum")
	return []alarm{
		{id: "ContainerFailed", command: command, meaning: "More than 5 % of the container's responses were 5xx.",
			metric: balancerMetric("HTTPCode_Target_5XX_Count", "Sum"), total: &requests, threshold: 5, bad: 2, of: 3},
		{id: "ContainerUnhealthy", command: command, meaning: "A task of the container failed its health check.",
			metric: balancerMetric("UnHealthyHostCount", "Maximum"), bad: 3, of: 3},
	}
}

// declare declares the alarm. Missing data is not bad: a server without requests has no
// data.
func (a alarm) declare(stack awscdk.Stack, topic awssns.Topic) {
	props := &awscloudwatch.CfnAlarmProps{
		AlarmDescription:   jsii.String(a.command + ": " + a.meaning),
		ComparisonOperator: jsii.String("GreaterThanThreshold"),
		Threshold:          jsii.Number(a.threshold),
		EvaluationPeriods:  jsii.Number(a.of),
		DatapointsToAlarm:  jsii.Number(a.bad),
		TreatMissingData:   jsii.String("notBreaching"),
		Metrics:            a.queries(),
	}
	if topic != nil {
		props.AlarmActions, props.OkActions = &[]any{topic.TopicArn()}, &[]any{topic.TopicArn()}
	}
	awscloudwatch.NewCfnAlarm(stack, jsii.String(a.id), props)
}

// queries returns the metric queries of the alarm. The alarm watches the last one.
func (a alarm) queries() []any {
	if a.total == nil {
		return []any{a.metric.query("value", true)}
	}
	return []any{
		a.metric.query("part", false), a.total.query("total", false),
		&awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("percent"), Expression: jsii.String("100 * part / total"), ReturnData: jsii.Bool(true),
		},
	}
}

func (m metric) query(id string, watched bool) *awscloudwatch.CfnAlarm_MetricDataQueryProperty {
	var dimensions []any
	for _, d := range m.dimensions {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(d[0]), Value: jsii.String(d[1])})
	}
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String(id), ReturnData: jsii.Bool(watched),
		MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{Namespace: jsii.String(m.namespace), MetricName: jsii.String(m.name), Dimensions: dimensions},
			Period: jsii.Number(alarmPeriod.Seconds()), Stat: jsii.String(m.statistic),
		},
	}
}

// newAlarmTopic declares the topic for ALARM_EMAIL, or returns nil if that is unset. The
// topic's policy replaces the default one, so it must allow CloudWatch to publish.
func newAlarmTopic(stack awscdk.Stack, s settings.Settings) awssns.Topic {
	if s.Watch.Email == "" {
		return nil
	}
	topic := awssns.NewTopic(stack, jsii.String("AlarmTopic"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	pin(topic, "AlarmTopic")
	topic.GrantPublish(awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), &awsiam.ServicePrincipalOpts{
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
	}))
	topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(s.Watch.Email), nil))
	output(stack, "AlarmTopicArn", topic.TopicArn(), "Topic of the alarms; confirm the message that AWS sends to "+s.Watch.Email)
	return topic
}

// newBudget declares the monthly budget of the account.
func newBudget(stack awscdk.Stack, s settings.Settings) {
	var notifications []any
	for _, n := range []struct {
		kind    string
		percent float64
	}{{"ACTUAL", 80}, {"FORECASTED", 100}} {
		notifications = append(notifications, &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				ComparisonOperator: jsii.String("GREATER_THAN"), NotificationType: jsii.String(n.kind), Threshold: jsii.Number(n.percent),
			},
			Subscribers: []any{&awsbudgets.CfnBudget_SubscriberProperty{Address: jsii.String(s.Watch.Email), SubscriptionType: jsii.String("EMAIL")}},
		})
	}
	awsbudgets.NewCfnBudget(stack, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetName: jsii.String(budgetName(s.FullStackName())), BudgetType: jsii.String("COST"), TimeUnit: jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(s.Watch.BudgetUSD), Unit: jsii.String("USD")},
		},
		NotificationsWithSubscribers: notifications,
	})
}

// budgetName shortens the stack's name, which may have 128 characters, to the 100 that a
// budget's may have:
// https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
func budgetName(stack string) string { return stack[:min(len(stack), 100)] }
