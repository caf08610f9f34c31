package awsfake

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Stack is a deployed CloudFormation stack.
type Stack struct {
	Name      string
	Region    string            // empty means the region of Options; calls signed for another region do not see the stack
	Status    string            // empty means CREATE_COMPLETE
	Protected bool              // termination protection
	Created   time.Time         // zero means the clock's time at NewCloudFormation
	Outputs   map[string]string // by logical id
	// Descriptions are those of the outputs, by logical id.
	Descriptions map[string]string
	Tags         map[string]string
	// Functions are the names of the stack's Lambda functions, by logical id.
	Functions map[string]string
}

type stackOutput struct {
	OutputKey, OutputValue string
	Description            string `xml:",omitempty"`
}

type stackTag struct{ Key, Value string }

// stack is the marshalled form of a Stack; summaries omit outputs and tags.
type stack struct {
	StackId, StackName, StackStatus, CreationTime string
	EnableTerminationProtection                   bool
	Outputs                                       []stackOutput `xml:"Outputs>member"`
	Tags                                          []stackTag    `xml:"Tags>member"`
}

// NewCloudFormation returns a fake of CloudFormation with the operations
// DescribeStacks and ListStacks, each with a single page, and ListStackResources.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
func NewCloudFormation(o Options, stacks ...Stack) http.Handler {
	o = o.withDefaults()
	inRegion := map[string][]stack{}
	functions := map[string]map[string]string{} // by the stack's name
	for _, s := range stacks {
		if s.Region == "" {
			s.Region = o.Region
		}
		functions[s.Name] = s.Functions
		inRegion[s.Region] = append(inRegion[s.Region], s.marshalled(o))
	}
	return o.serveQuery("http://cloudformation.amazonaws.com/doc/2010-05-15/", map[string]queryOperation{
		"DescribeStacks": func(from signer, form url.Values) (any, error) {
			return describeStacks(inRegion[from.region], form.Get("StackName"))
		},
		"ListStackResources": func(from signer, form url.Values) (any, error) {
			name := form.Get("StackName")
			if _, err := describeStacks(inRegion[from.region], name); err != nil {
				return nil, err
			}
			return stackResources(functions[name], form.Get("NextToken"))
		},
		"ListStacks": func(from signer, form url.Values) (any, error) {
			return listStacks(inRegion[from.region], form), nil
		},
	})
}

func (s Stack) marshalled(o Options) stack {
	if s.Status == "" {
		s.Status = "CREATE_COMPLETE"
	}
	if s.Created.IsZero() {
		s.Created = o.Now()
	}
	m := stack{
		StackId:                     "arn:aws:cloudformation:" + s.Region + ":" + o.Account + ":stack/" + s.Name + "/" + uuid.NewString(),
		StackName:                   s.Name,
		StackStatus:                 s.Status,
		EnableTerminationProtection: s.Protected,
		CreationTime:                s.Created.UTC().Format(time.RFC3339),
	}
	for _, key := range slices.Sorted(maps.Keys(s.Outputs)) {
		m.Outputs = append(m.Outputs, stackOutput{key, s.Outputs[key], s.Descriptions[key]})
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		m.Tags = append(m.Tags, stackTag{key, s.Tags[key]})
	}
	return m
}

type describeStacksResult struct {
	Stacks []stack `xml:"Stacks>member"`
}

// describeStacks finds deleted stacks only by their id, as AWS does.
func describeStacks(stacks []stack, name string) (any, error) {
	var result describeStacksResult
	for _, s := range stacks {
		deleted := s.StackStatus == "DELETE_COMPLETE"
		if name == s.StackId || !deleted && (name == "" || name == s.StackName) {
			result.Stacks = append(result.Stacks, s)
		}
	}
	if name != "" && len(result.Stacks) == 0 {
		return nil, newError("ValidationError", "Stack with id %s does not exist", name)
	}
	return result, nil
}

type stackResource struct {
	LogicalResourceId, PhysicalResourceId, ResourceType, ResourceStatus, LastUpdatedTimestamp string
}

type stackResourcesResult struct {
	StackResourceSummaries []stackResource `xml:"StackResourceSummaries>member"`
	NextToken              string          `xml:",omitempty"`
}

// maxStackResources is how many resources AWS returns at a time.
const maxStackResources = 100

// stackResources returns a page of the functions; other resources are not listed. The token
// of a page is the number of functions before it.
func stackResources(functions map[string]string, token string) (any, error) {
	ids, from := slices.Sorted(maps.Keys(functions)), 0
	if token != "" {
		var err error
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(ids) {
			return nil, newError("ValidationError", "invalid NextToken")
		}
	}
	to := min(from+maxStackResources, len(ids))
	var result stackResourcesResult
	for _, id := range ids[from:to] {
		result.StackResourceSummaries = append(result.StackResourceSummaries, stackResource{
			id, functions[id], "AWS::Lambda::Function", "CREATE_COMPLETE", time.Unix(0, 0).UTC().Format(time.RFC3339),
		})
	}
	if to < len(ids) {
		result.NextToken = strconv.Itoa(to)
	}
	return result, nil
}

type listStacksResult struct {
	StackSummaries []stack `xml:"StackSummaries>member"`
}

// listStacks includes deleted stacks unless filtered out.
func listStacks(stacks []stack, form url.Values) any {
	var wanted []string
	for name, values := range form {
		if strings.HasPrefix(name, "StackStatusFilter.member.") {
			wanted = append(wanted, values...)
		}
	}
	var result listStacksResult
	for _, s := range stacks {
		if len(wanted) == 0 || slices.Contains(wanted, s.StackStatus) {
			s.Outputs, s.Tags = nil, nil
			result.StackSummaries = append(result.StackSummaries, s)
		}
	}
	return result
}
