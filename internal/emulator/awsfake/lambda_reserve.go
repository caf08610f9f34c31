package awsfake

import (
	"cmp"
	"maps"
	"net/http"
)

// unreservedMinimum is the number of concurrent executions that must stay unreserved.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
const unreservedMinimum = 100

// reserve implements PutFunctionConcurrency. Zero, which stops the function, is always
// accepted.
func (l *Lambda) reserve(r *http.Request, f *lambdaFunction) (any, error) {
	var in struct{ ReservedConcurrentExecutions *int }
	if err := input(r, &in); err != nil {
		return nil, err
	}
	if in.ReservedConcurrentExecutions == nil || *in.ReservedConcurrentExecutions < 0 {
		return nil, newError("InvalidParameterValueException", "ReservedConcurrentExecutions must be at least 0")
	}
	left := cmp.Or(l.o.Concurrency, 1000) - *in.ReservedConcurrentExecutions
	for _, other := range l.functions {
		if other != f && other.concurrency != nil {
			left -= *other.concurrency
		}
	}
	if *in.ReservedConcurrentExecutions > 0 && left < unreservedMinimum {
		return nil, newError("InvalidParameterValueException", "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [%d].", unreservedMinimum)
	}
	f.concurrency = in.ReservedConcurrentExecutions
	return reservation{f.concurrency}, nil
}

// unreserve implements DeleteFunctionConcurrency.
func (l *Lambda) unreserve(_ *http.Request, f *lambdaFunction) (any, error) {
	f.concurrency = nil
	return nil, nil
}

// tag implements TagResource.
func (l *Lambda) tag(r *http.Request, f *lambdaFunction) (any, error) {
	var in struct{ Tags map[string]string }
	if err := input(r, &in); err != nil {
		return nil, err
	}
	if f.tags == nil {
		f.tags = map[string]string{}
	}
	maps.Copy(f.tags, in.Tags)
	return nil, nil
}

// untag implements UntagResource.
func (l *Lambda) untag(r *http.Request, f *lambdaFunction) (any, error) {
	for _, name := range r.URL.Query()["tagKeys"] {
		delete(f.tags, name)
	}
	return nil, nil
}
