package plan

import "serverless-mcp/internal/settings"

// AccountConcurrency is Lambda's default limit of concurrent executions of an
// account and region. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const AccountConcurrency = 1000

// seconds of a month of 730 hours.
const monthSeconds = hours * 3600

// A job that constantly reports progress reads and writes its item once in jobWriteSeconds
// (reportEvery of package jobs). An item has at most 66 KB (MaxArguments of package jobs
// and 2 KB), which is billed as jobWrites writes of 1 KB and jobReads reads of 4 KB.
const (
	jobWriteSeconds = 3
	jobWrites       = 66
	jobReads        = 17
)

// WorstMonthUSD returns the highest price of a month that the throttle, the memory, the
// timeouts and the number of tasks allow, in us-east-1, without data transfer and logs:
// callers send as many requests as possible, and each takes as long as possible. Without
// RESERVED_CONCURRENCY a function is assumed to have [AccountConcurrency] instances.
func WorstMonthUSD(s settings.Settings) float64 {
	total := secrets(s).MonthlyUSD
	instances := s.ReservedConcurrency
	if instances == 0 {
		instances = AccountConcurrency
	}
	if s.Has(settings.ShapeHTTPAPI) {
		requests := float64(s.ThrottleRate) * monthSeconds
		total += requests * (1.00 + 2*0.20) / 1e6 // the API, and both functions
		if s.KeyLimits {
			total += requests * tableWrite
		}
		total += running(s, s.MemoryMB, min(float64(s.ThrottleRate)*settings.FunctionTimeout.Seconds(), float64(instances)))
		total += running(s, settings.AuthorizerMemoryMB, min(float64(s.ThrottleRate)*settings.AuthorizerTimeout.Seconds(), AccountConcurrency))
	}
	if s.Has(settings.ShapeStream) {
		total += running(s, s.MemoryMB, float64(instances))
	}
	if s.Jobs {
		total += running(s, s.MemoryMB, float64(instances))
		total += float64(instances) * monthSeconds / jobWriteSeconds * (jobWrites*tableWrite + jobReads*tableRead)
	}
	if s.Has(settings.ShapeContainer) {
		full := s
		full.Container.MinTasks = s.Container.MaxTasks
		total += MonthlyUSD(container(full))
	}
	return total
}

// running returns the price of a month in which a function's instances run all the time.
func running(s settings.Settings, memoryMB int, instances float64) float64 {
	return instances * monthSeconds * float64(memoryMB) / 1024 * gbSecond(s)
}

// gbSecond returns Lambda's price of a GB-second.
func gbSecond(s settings.Settings) float64 {
	if s.Architecture == "x86_64" {
		return 0.0000166667
	}
	return 0.0000133334
}
