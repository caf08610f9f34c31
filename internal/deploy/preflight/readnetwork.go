package preflight

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"serverless-mcp/internal/deploy/plan"
)

// network counts the VPCs and Elastic IP addresses of the region, and reads their
// quotas.
func (o Options) network(ctx context.Context) (n Network, err error) {
	var found struct {
		VPCs []struct{} `xml:"vpcSet>item"`
	}
	ec2 := queryAPI{o.regional("ec2", "EC2", o.Config.Region), "2016-11-15"}
	if err := ec2.call(ctx, "DescribeVpcs", nil, &found); err != nil {
		return n, o.explain("list the VPCs", err)
	}
	var allocated struct {
		Addresses []struct{} `xml:"addressesSet>item"`
	}
	if err := ec2.call(ctx, "DescribeAddresses", nil, &allocated); err != nil {
		return n, o.explain("list the Elastic IP addresses", err)
	}
	n.VPCs, n.Addresses = len(found.VPCs), len(allocated.Addresses)
	n.VPCQuota, n.AddressQuota, n.QuotaErr = o.networkQuotas(ctx)
	return n, nil
}

// networkQuotas returns the quotas "VPCs per Region" and "EC2-VPC Elastic IPs".
func (o Options) networkQuotas(ctx context.Context) (vpcs, addresses int, err error) {
	vpcs, addresses = plan.VPCQuota, plan.AddressQuota
	for _, q := range []struct {
		service, code string
		value         *int
	}{{"vpc", "L-F678F1CE", &vpcs}, {"ec2", "L-0263D0A3", &addresses}} {
		var out struct{ Quota struct{ Value float64 } }
		err := o.regional("servicequotas", "SERVICE_QUOTAS", o.Config.Region).json(ctx, "ServiceQuotasV20190624", "GetServiceQuota",
			map[string]string{"ServiceCode": q.service, "QuotaCode": q.code}, &out)
		if hasCode(err, "NoSuchResourceException") { // it is the default
			continue
		}
		if err != nil {
			return 0, 0, o.explain("read the network quotas", err)
		}
		*q.value = int(out.Quota.Value)
	}
	return vpcs, addresses, nil
}

// clusterRole reports whether the service-linked role of ECS exists.
func (o Options) clusterRole(ctx context.Context) (bool, error) {
	iam := queryAPI{o.global("iam", "IAM", "cn-north-1"), "2010-05-08"}
	err := iam.call(ctx, "GetRole", map[string]string{"RoleName": "AWSServiceRoleForECS"}, nil)
	if hasCode(err, "NoSuchEntity") {
		return false, nil
	}
	if err != nil {
		return false, o.explain("look up the role of ECS", err)
	}
	return true, nil
}

// regional returns the API of a service in a region. variable is the suffix of the service's
// AWS_ENDPOINT_URL_*.
func (o Options) regional(service, variable, region string) api {
	suffix := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		suffix += ".cn"
	}
	return api{o.Config, service, region, cmp.Or(o.Getenv("AWS_ENDPOINT_URL_"+variable), "https://"+service+"."+region+"."+suffix)}
}

// global returns the API of a service with one endpoint for each partition. chinese is the
// region of the endpoint in China.
func (o Options) global(service, variable, chinese string) api {
	region, endpoint := "us-east-1", "https://"+service+".amazonaws.com"
	switch {
	case strings.HasPrefix(o.Config.Region, "cn-"):
		region, endpoint = chinese, "https://"+service+"."+chinese+".amazonaws.com.cn"
	case strings.HasPrefix(o.Config.Region, "us-gov-"):
		region, endpoint = "us-gov-west-1", "https://"+service+".us-gov.amazonaws.com"
	}
	return api{o.Config, service, region, cmp.Or(o.Getenv("AWS_ENDPOINT_URL_"+variable), endpoint)}
}

// hasCode reports whether err is a service's error with this code.
func hasCode(err error, code string) bool {
	var found smithy.APIError
	return errors.As(err, &found) && found.ErrorCode() == code
}
