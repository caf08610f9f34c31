package deployed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Errors returns how many invocations of each function failed in the hour before
// now, by the function's name. CloudWatch counts crashes, timeouts and failed
// starts, but not the errors that tools return.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
func (s *Stack) Errors(ctx context.Context, functions []Function, now time.Time) (map[string]int, error) {
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(now.Add(-time.Hour)), EndTime: &now}
	names := map[string]string{} // by the query's id
	for i, f := range functions {
		id := fmt.Sprintf("f%d", i)
		names[id] = f.Name
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Metric: &types.Metric{
				Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Errors"),
				Dimensions: []types.Dimension{{Name: aws.String("FunctionName"), Value: &f.Name}},
			},
			Period: aws.Int32(60), Stat: aws.String("Sum"),
		}})
	}
	counts := map[string]int{}
	if len(functions) == 0 {
		return counts, nil // CloudWatch rejects a call without a query
	}
	pages := cloudwatch.NewGetMetricDataPaginator(cloudwatch.NewFromConfig(s.Config), in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.Explain("count the errors of the functions", err)
		}
		for _, r := range page.MetricDataResults {
			for _, n := range r.Values {
				counts[names[aws.ToString(r.Id)]] += int(n)
			}
		}
	}
	return counts, nil
}

// IntegrationTimeouts returns the HTTP API's timeout for each function that it
// calls, by the function's name. The map is empty if the stack has no HTTP API.
func (s *Stack) IntegrationTimeouts(ctx context.Context) (map[string]time.Duration, error) {
	timeouts := map[string]time.Duration{}
	api, err := s.Output("ApiId")
	if err != nil {
		return timeouts, nil // no HTTP API
	}
	client := apigatewayv2.NewFromConfig(s.Config)
	in := &apigatewayv2.GetIntegrationsInput{ApiId: &api}
	for {
		page, err := client.GetIntegrations(ctx, in)
		if err != nil {
			return nil, s.Explain("list the integrations of API "+api, err)
		}
		for _, i := range page.Items {
			timeouts[functionOf(aws.ToString(i.IntegrationUri))] = time.Duration(aws.ToInt32(i.TimeoutInMillis)) * time.Millisecond
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return timeouts, nil
		}
	}
}

// functionOf returns the name of an integration's function. The URI is the
// function's ARN, or ends in :function:NAME/invocations.
func functionOf(uri string) string {
	_, name, _ := strings.Cut(uri, ":function:")
	name, _, _ = strings.Cut(name, "/")
	name, _, _ = strings.Cut(name, ":") // a version or an alias
	return name
}
