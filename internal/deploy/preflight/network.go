package preflight

import (
	"fmt"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/deploy/plan"
)

// Network has the numbers of network resources in the region, and the account's quotas.
type Network struct {
	VPCs, Addresses        int
	VPCQuota, AddressQuota int
	QuotaErr               error // why the quotas could not be read
}

func networkFinding(f Facts, needs plan.Needs) doctor.Finding {
	n, quotas, breaks := f.Network, "the quotas are", "the deployment"
	if n.QuotaErr != nil {
		n.VPCQuota, n.AddressQuota = plan.VPCQuota, plan.AddressQuota
		quotas, breaks = "the default quotas are", "the deployment, unless your quotas are higher"
	}
	detail := fmt.Sprintf("%d VPCs and %d Elastic IP addresses exist; %s %d and %d", n.VPCs, n.Addresses, quotas, n.VPCQuota, n.AddressQuota)
	if n.QuotaErr != nil {
		detail += ", and yours are unknown: " + n.QuotaErr.Error()
	}
	switch {
	case f.NetworkErr != nil:
		return skipped(f.NetworkErr)
	case f.StackErr != nil: // the deployment may be an update
		return skipped(f.StackErr)
	case f.Exists: // the stack's own network may be among them
		return ok("the network quotas are not checked for an update", detail)
	case n.VPCs+needs.VPCs > n.VPCQuota || n.Addresses+needs.ElasticIPs > n.AddressQuota:
		return warning("the network quotas may be exhausted", detail, breaks,
			"Delete what is not used, or ask AWS for more: Service Quotas, VPCs per Region and EC2-VPC Elastic IPs.")
	}
	return ok("the network quotas are sufficient", detail)
}

func clusterRoleFinding(f Facts) doctor.Finding {
	switch {
	case f.ClusterRoleErr != nil:
		return skipped(f.ClusterRoleErr)
	case !f.ClusterRole:
		return warning("the account has no service-linked role for ECS", "AWSServiceRoleForECS", "perhaps the first deployment: AWS creates the role with the first cluster, and the cluster can fail before it is ready",
			"Create it first: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com")
	}
	return ok("the account has the service-linked role for ECS", "")
}

// cloudFrontFinding is a reminder: no API reports whether an account is verified.
func cloudFrontFinding() doctor.Finding {
	return doctor.Finding{Status: doctor.Skipped, Detail: "AWS does not report whether the account may use CloudFront; if the deployment fails with \"account must be verified\", open a case with AWS Support"}
}
