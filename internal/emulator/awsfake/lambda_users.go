package awsfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// qualifiedARN returns the ARN of a version or an alias; "" means $LATEST.
func (f *lambdaFunction) qualifiedARN(qualifier string) string {
	if qualifier == "" {
		return f.FunctionArn
	}
	return f.FunctionArn + ":" + qualifier
}

func (l *Lambda) listProvisioned(r *http.Request, f *lambdaFunction) (any, error) {
	type config struct {
		FunctionArn                              string
		RequestedProvisionedConcurrentExecutions int
	}
	all := []config{}
	for _, qualifier := range slices.Sorted(maps.Keys(f.provisioned)) {
		all = append(all, config{f.qualifiedARN(qualifier), f.provisioned[qualifier]})
	}
	page, marker := paginate(r, all)
	return map[string]any{"ProvisionedConcurrencyConfigs": page, "NextMarker": marker}, nil
}

// listSources lists the mappings of one function, or of all without FunctionName.
func (l *Lambda) listSources(r *http.Request) (any, error) {
	type mapping struct{ UUID, FunctionArn, EventSourceArn string }
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []mapping{}
	wanted := r.URL.Query().Get("FunctionName")
	for _, name := range slices.Sorted(maps.Keys(l.functions)) {
		f := l.functions[name]
		for i, qualifier := range f.sources {
			if wanted == "" || wanted == name || wanted == f.FunctionArn {
				all = append(all, mapping{
					UUID: fmt.Sprintf("%s-mapping-%d", name, i+1), FunctionArn: f.qualifiedARN(qualifier),
					EventSourceArn: fmt.Sprintf("arn:aws:sqs:%s:%s:%s-queue-%d", l.o.Region, l.o.Account, name, i+1),
				})
			}
		}
	}
	page, marker := paginate(r, all)
	return map[string]any{"EventSourceMappings": page, "NextMarker": marker}, nil
}
