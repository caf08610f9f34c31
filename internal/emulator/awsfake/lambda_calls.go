package awsfake

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// routes registers the operations by their paths in the API's model.
func (l *Lambda) routes() {
	const one = "/2015-03-31/functions/{name}"
	l.mux = http.NewServeMux()
	for pattern, op := range map[string]struct {
		name string
		do   func(*http.Request, *lambdaFunction) (any, error)
	}{
		"GET " + one:                                                 {"GetFunction", l.get},
		"GET " + one + "/configuration":                              {"GetFunctionConfiguration", l.configuration},
		"PUT " + one + "/configuration":                              {"UpdateFunctionConfiguration", l.update},
		"DELETE " + one:                                              {"DeleteFunction", l.remove},
		"GET " + one + "/aliases":                                    {"ListAliases", l.listAliases},
		"GET " + one + "/aliases/{alias}":                            {"GetAlias", l.getAlias},
		"PUT " + one + "/aliases/{alias}":                            {"UpdateAlias", l.updateAlias},
		"GET " + one + "/versions":                                   {"ListVersionsByFunction", l.listVersions},
		"POST " + one + "/versions":                                  {"PublishVersion", l.publishVersion},
		"GET /2019-09-30/functions/{name}/concurrency":               {"GetFunctionConcurrency", l.reserved},
		"PUT /2017-10-31/functions/{name}/concurrency":               {"PutFunctionConcurrency", l.reserve},
		"DELETE /2017-10-31/functions/{name}/concurrency":            {"DeleteFunctionConcurrency", l.unreserve},
		"POST /2017-03-31/tags/{name}":                               {"TagResource", l.tag},
		"DELETE /2017-03-31/tags/{name}":                             {"UntagResource", l.untag},
		"GET /2021-07-20/functions/{name}/runtime-management-config": {"GetRuntimeManagementConfig", l.management},
		"GET /2017-03-31/tags/{name}":                                {"ListTags", l.listTags},
		"GET /2019-09-30/functions/{name}/provisioned-concurrency":   {"ListProvisionedConcurrencyConfigs", l.listProvisioned},
	} {
		l.mux.Handle(pattern, l.o.rest(op.name, func(r *http.Request) (any, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			f, err := l.find(r)
			if err != nil {
				return nil, err
			}
			return op.do(r, f)
		}))
	}
	l.mux.Handle("GET /2016-08-19/account-settings", l.o.rest("GetAccountSettings", func(*http.Request) (any, error) {
		type limit struct{ ConcurrentExecutions int }
		return struct{ AccountLimit limit }{limit{cmp.Or(l.o.Concurrency, 1000)}}, nil
	}))
	l.mux.Handle("GET /2015-03-31/functions", l.o.rest("ListFunctions", l.list))
	l.mux.Handle("GET /2015-03-31/event-source-mappings", l.o.rest("ListEventSourceMappings", l.listSources))
	l.mux.Handle("POST /2015-03-31/functions", l.o.rest("CreateFunction", l.create))
	l.mux.HandleFunc("POST "+one+"/invocations", func(w http.ResponseWriter, r *http.Request) {
		l.o.serve(w, r, invokeProtocol{}, "Invoke", func(signer) (any, error) { return l.invoke(r) })
	})
	l.mux.HandleFunc("GET /code/{name}/{version}", l.download)
}

// ServeHTTP implements [http.Handler]. Like AWS, it rejects an empty qualifier, which is not
// the same as no qualifier.
func (l *Lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if query := r.URL.Query(); query.Has("Qualifier") && query.Get("Qualifier") == "" {
		restProtocol{}.writeError(w, newError("ValidationException", "1 validation error detected: Value '' at 'qualifier' failed to satisfy constraint: Member must have length greater than or equal to 1"))
		return
	}
	l.mux.ServeHTTP(w, r)
}

// find returns the function in a request's path, by name or ARN. ARNs of other
// regions and accounts are errors, as on AWS.
func (l *Lambda) find(r *http.Request) (*lambdaFunction, error) {
	name := r.PathValue("name")
	if arn := strings.Split(name, ":"); len(arn) >= 7 && arn[5] == "function" {
		if arn[3] != l.o.Region {
			return nil, notFound("Functions from '%s' are not reachable in this region ('%s')", arn[3], l.o.Region)
		}
		if arn[4] != l.o.Account {
			return nil, &Error{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "not authorized on resource: " + name + " because no resource-based policy allows it"}
		}
		name = arn[6]
	}
	f, ok := l.functions[name]
	if !ok {
		return nil, notFound("Function not found: arn:aws:lambda:%s:%s:function:%s", l.o.Region, l.o.Account, name)
	}
	return f, nil
}

func notFound(format string, args ...any) *Error {
	e := newError("ResourceNotFoundException", format, args...)
	e.Status = http.StatusNotFound
	return e
}

func conflict(format string, args ...any) *Error {
	e := newError("ResourceConflictException", format, args...)
	e.Status = http.StatusConflict
	return e
}

// input reads a request's body, which may be empty.
func input(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	const most = 70167211 // from AWS's error message
	if len(body) > most {
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "RequestTooLargeException", Message: "Request must be smaller than 70167211 bytes for the CreateFunction operation"}
	}
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return newError("InvalidRequestContentException", "Could not parse request body into json: %v", err)
	}
	return nil
}

// paginate returns the page for the request's Marker and MaxItems, at most 50
// items.
func paginate[T any](r *http.Request, all []T) (page []T, next *string) {
	q := r.URL.Query()
	from, _ := strconv.Atoi(strings.TrimPrefix(q.Get("Marker"), "marker-"))
	size := 50
	if n, err := strconv.Atoi(q.Get("MaxItems")); err == nil && n > 0 {
		size = min(size, n)
	}
	from = min(from, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		marker := "marker-" + strconv.Itoa(to)
		next = &marker
	}
	return all[from:to], next
}

// list omits the states, as AWS does.
func (l *Lambda) list(r *http.Request) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []LambdaConfig
	for _, name := range slices.Sorted(maps.Keys(l.functions)) {
		c := l.functions[name].LambdaConfig
		c.State, c.StateReason, c.LastUpdateStatus, c.LastUpdateStatusReason = "", "", "", ""
		all = append(all, c)
	}
	page, marker := paginate(r, all)
	return map[string]any{"Functions": page, "NextMarker": marker}, nil
}

func (l *Lambda) version(r *http.Request, f *lambdaFunction) (lambdaVersion, error) {
	l.settle(f)
	qualifier := r.URL.Query().Get("Qualifier")
	v, ok := f.lookup(qualifier)
	if !ok {
		return v, notFound("Function not found: %s:%s", f.FunctionArn, qualifier)
	}
	return v, nil
}

func (l *Lambda) configuration(r *http.Request, f *lambdaFunction) (any, error) {
	v, err := l.version(r, f)
	return v.LambdaConfig, err
}

func (l *Lambda) get(r *http.Request, f *lambdaFunction) (any, error) {
	v, err := l.version(r, f)
	if err != nil {
		return nil, err
	}
	output := map[string]any{
		"Configuration": v.LambdaConfig,
		"Code": map[string]string{
			"RepositoryType": "S3",
			"Location":       "http://" + r.Host + "/code/" + f.FunctionName + "/" + url.PathEscape(v.Version),
		},
	}
	if err := l.tagsDenied(f); err != nil {
		output["TagsError"] = map[string]string{"ErrorCode": err.Code, "Message": err.Message}
	} else {
		output["Tags"] = f.tags
	}
	if f.concurrency != nil {
		output["Concurrency"] = reservation{f.concurrency}
	}
	return output, nil
}

type reservation struct {
	ReservedConcurrentExecutions *int `json:",omitempty"`
}

func (l *Lambda) reserved(_ *http.Request, f *lambdaFunction) (any, error) {
	return reservation{f.concurrency}, nil
}

func (l *Lambda) management(_ *http.Request, f *lambdaFunction) (any, error) {
	return map[string]string{"UpdateRuntimeOn": f.mode, "FunctionArn": f.FunctionArn}, nil
}

func (l *Lambda) tagsDenied(f *lambdaFunction) *Error {
	if l.o.NoTags == nil || !l.o.NoTags() {
		return nil
	}
	return &Error{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "not authorized to perform: lambda:ListTags on resource: " + f.FunctionArn}
}

func (l *Lambda) listTags(_ *http.Request, f *lambdaFunction) (any, error) {
	if err := l.tagsDenied(f); err != nil {
		return nil, err
	}
	return map[string]any{"Tags": f.tags}, nil
}

func (l *Lambda) remove(_ *http.Request, f *lambdaFunction) (any, error) {
	delete(l.functions, f.FunctionName)
	return nil, nil
}
