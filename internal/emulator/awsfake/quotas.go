package awsfake

import "net/http"

// NewServiceQuotas returns a fake of Service Quotas with the operation
// GetServiceQuota. values has the applied quotas by code; a quota that has its default
// value has no applied value.
// https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
func NewServiceQuotas(o Options, values map[string]float64) http.Handler {
	type input struct{ ServiceCode, QuotaCode string }
	return o.withDefaults().serveJSON("1.1", "ServiceQuotasV20190624", map[string]operation{
		"GetServiceQuota": decoded(func(in input) (any, error) {
			value, ok := values[in.QuotaCode]
			if !ok {
				return nil, newError("NoSuchResourceException", "The request failed because the specified service quota does not exist.")
			}
			return map[string]any{"Quota": map[string]any{"QuotaCode": in.QuotaCode, "ServiceCode": in.ServiceCode, "Value": value}}, nil
		}),
	})
}
