package awsfake

import (
	"net/http"
	"strings"
)

// An ECSService is a service of ECS, by its ARN.
type ECSService struct {
	ARN     string // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
	Desired int    // desired number of tasks
	Tags    map[string]string
}

// NewECS returns a fake of ECS with the operations DescribeServices, UpdateService,
// TagResource and UntagResource. Tasks start and stop immediately.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
func NewECS(o Options, services ...*ECSService) http.Handler {
	o = o.withDefaults()
	find := func(cluster, name string) (*ECSService, error) {
		for _, s := range services {
			if s.ARN == name || strings.HasSuffix(s.ARN, "service/"+cluster+"/"+name) {
				return s, nil
			}
		}
		return nil, newError("ServiceNotFoundException", "Service not found.")
	}
	type tag struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	describe := func(s *ECSService) map[string]any {
		tags := []tag{}
		for name, value := range s.Tags {
			tags = append(tags, tag{name, value})
		}
		return map[string]any{"serviceArn": s.ARN, "status": "ACTIVE", "desiredCount": s.Desired, "runningCount": s.Desired, "tags": tags}
	}
	return o.serveJSON("1.1", "AmazonEC2ContainerServiceV20141113", map[string]operation{
		"DescribeServices": decoded(func(in struct {
			Cluster  string
			Services []string
		}) (any, error) {
			found := []any{}
			for _, name := range in.Services {
				if s, err := find(in.Cluster, name); err == nil {
					found = append(found, describe(s))
				}
			}
			return map[string]any{"services": found, "failures": []any{}}, nil
		}),
		"UpdateService": decoded(func(in struct {
			Cluster, Service string
			DesiredCount     *int
		}) (any, error) {
			s, err := find(in.Cluster, in.Service)
			if err != nil {
				return nil, err
			}
			if in.DesiredCount != nil {
				s.Desired = *in.DesiredCount
			}
			return map[string]any{"service": describe(s)}, nil
		}),
		"TagResource": decoded(func(in struct {
			ResourceArn string
			Tags        []tag
		}) (any, error) {
			s, err := find("", in.ResourceArn)
			if err != nil {
				return nil, err
			}
			if s.Tags == nil {
				s.Tags = map[string]string{}
			}
			for _, t := range in.Tags {
				s.Tags[t.Key] = t.Value
			}
			return struct{}{}, nil
		}),
		"UntagResource": decoded(func(in struct {
			ResourceArn string
			TagKeys     []string
		}) (any, error) {
			s, err := find("", in.ResourceArn)
			if err != nil {
				return nil, err
			}
			for _, name := range in.TagKeys {
				delete(s.Tags, name)
			}
			return struct{}{}, nil
		}),
	})
}
