// Package usage finds which published versions of a Lambda function are in use:
// those that aliases, provisioned concurrency and event source mappings refer to. A
// version keeps its runtime, so a function whose $LATEST is up to date can still
// serve its callers with a deprecated runtime.
package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"serverless-mcp/internal/lambdaops/retry"
)

// latest is the version that a function's name without a qualifier refers to.
const latest = "$LATEST"

// Version is a published version in use.
type Version struct {
	Number  string
	Runtime string   // empty for container images
	Users   []string // such as "alias live", sorted
}

// Usage is what uses a function.
type Usage struct {
	Latest   []string  // users of $LATEST, sorted
	Versions []Version // in ascending order
	Unread   []error   // what could not be read, so that users may be missing
}

// Reader reads the usage of functions. It reads the account's event source mappings
// once, so it should not outlive one call of a tool. It is safe for concurrent use.
type Reader struct {
	Lambda *lambda.Client // required

	once     sync.Once
	mappings map[string][]user // by the function's ARN
	err      error
}

// user is something that refers to a version by a qualifier.
type user struct{ name, qualifier string }

// Of returns the usage of the function with this name and ARN. It returns an error if it
// cannot read aliases or versions. Other reads that AWS rejects are in Usage.Unread, and so
// are the users of an alias or version that was deleted.
func (r *Reader) Of(ctx context.Context, name, arn string) (Usage, error) {
	var u Usage
	aliases, users, err := r.aliases(ctx, name)
	if err != nil {
		return u, err
	}
	for _, read := range []func(context.Context, string, string) ([]user, error){r.provisioned, r.sources} {
		more, err := read(ctx, name, arn)
		if optional(err) {
			u.Unread = append(u.Unread, err)
		} else if err != nil {
			return u, err
		}
		users = append(users, more...)
	}
	by := map[string][]string{}
	for _, one := range users {
		version, name := one.qualifier, one.name
		if v, ok := aliases[one.qualifier]; ok {
			version, name = v, name+" of alias "+one.qualifier
		}
		by[version] = append(by[version], name)
	}
	for _, version := range slices.Sorted(maps.Keys(by)) {
		names := slices.Sorted(slices.Values(by[version]))
		if version == latest {
			u.Latest = names
			continue
		}
		v := Version{Number: version, Users: names}
		if v.Runtime, err = r.runtime(ctx, name, version); retry.IsNotFound(err) {
			u.Unread = append(u.Unread, fmt.Errorf("%s refers to %s, which does not exist", strings.Join(names, ", "), version))
			continue
		} else if err != nil {
			return u, err
		}
		u.Versions = append(u.Versions, v)
	}
	slices.SortFunc(u.Versions, func(a, b Version) int { return cmp.Compare(number(a.Number), number(b.Number)) })
	return u, nil
}

// optional reports whether Of can continue after an error: AWS rejected the call,
// for example because a permission is missing.
func optional(err error) bool {
	_, ok := errors.AsType[smithy.APIError](err)
	return ok && !retry.Throttled(err)
}

func number(version string) int {
	n, _ := strconv.Atoi(version) // versions are numbers
	return n
}

// aliases returns the version of each alias, and the aliases as users of versions.
func (r *Reader) aliases(ctx context.Context, name string) (versions map[string]string, users []user, err error) {
	versions = map[string]string{}
	pages := lambda.NewListAliasesPaginator(r.Lambda, &lambda.ListAliasesInput{FunctionName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, a := range page.Aliases {
			alias := aws.ToString(a.Name)
			versions[alias] = aws.ToString(a.FunctionVersion)
			users = append(users, user{"alias " + alias, aws.ToString(a.FunctionVersion)})
			if a.RoutingConfig == nil {
				continue
			}
			weights := a.RoutingConfig.AdditionalVersionWeights
			for _, version := range slices.Sorted(maps.Keys(weights)) {
				users = append(users, user{fmt.Sprintf("alias %s (%g%% of its calls)", alias, 100*weights[version]), version})
			}
		}
	}
	return versions, users, nil
}

func (r *Reader) provisioned(ctx context.Context, name, _ string) (users []user, err error) {
	pages := lambda.NewListProvisionedConcurrencyConfigsPaginator(r.Lambda, &lambda.ListProvisionedConcurrencyConfigsInput{FunctionName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return users, err
		}
		for _, c := range page.ProvisionedConcurrencyConfigs {
			_, qualifier := split(aws.ToString(c.FunctionArn))
			users = append(users, user{"provisioned concurrency", qualifier})
		}
	}
	return users, nil
}

// sources returns the event source mappings of one function. ListEventSourceMappings
// with a function's name leaves out those of its versions and aliases, so all
// mappings are read.
func (r *Reader) sources(ctx context.Context, _, arn string) ([]user, error) {
	r.once.Do(func() { r.mappings, r.err = r.allSources(ctx) })
	return r.mappings[arn], r.err
}

func (r *Reader) allSources(ctx context.Context) (map[string][]user, error) {
	all := map[string][]user{}
	pages := lambda.NewListEventSourceMappingsPaginator(r.Lambda, &lambda.ListEventSourceMappingsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, err
		}
		for _, m := range page.EventSourceMappings {
			arn, qualifier := split(aws.ToString(m.FunctionArn))
			all[arn] = append(all[arn], user{"event source mapping " + aws.ToString(m.UUID), qualifier})
		}
	}
	return all, nil
}

// split splits a function's ARN and its qualifier, which is $LATEST if absent.
func split(arn string) (function, qualifier string) {
	const parts = 7 // arn:aws:lambda:REGION:ACCOUNT:function:NAME
	fields := strings.Split(arn, ":")
	if len(fields) <= parts {
		return arn, latest
	}
	return strings.Join(fields[:parts], ":"), fields[parts]
}

func (r *Reader) runtime(ctx context.Context, name, version string) (string, error) {
	out, err := r.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name, Qualifier: &version})
	if err != nil {
		return "", err
	}
	return string(out.Runtime), nil
}
