package awsfake

import (
	"encoding/xml"
	"net/http"
)

// ec2Protocol is AWS Query in EC2's dialect: no Result element, and errors in a
// list. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-permissions.html
type ec2Protocol struct{}

// writeResult writes the result itself, whose XMLName is the response's name.
func (p ec2Protocol) writeResult(w http.ResponseWriter, _ string, result any) {
	writeXML(w, http.StatusOK, result)
}

func (p ec2Protocol) writeError(w http.ResponseWriter, err *Error) {
	type detail struct{ Code, Message string }
	writeXML(w, err.status(), struct {
		XMLName xml.Name `xml:"Response"`
		Errors  []detail `xml:"Errors>Error"`
	}{Errors: []detail{{err.Code, err.Message}}})
}

// NewEC2 returns a fake of EC2 with the operations DescribeVpcs and
// DescribeAddresses, for an account with these VPCs and Elastic IP addresses.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
func NewEC2(o Options, vpcs, addresses []string) http.Handler {
	o = o.withDefaults()
	type vpc struct {
		ID string `xml:"vpcId"`
	}
	type address struct {
		IP string `xml:"publicIp"`
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.PostFormValue("Action")
		o.serve(w, r, ec2Protocol{}, name, func(signer) (any, error) {
			switch name {
			case "DescribeVpcs":
				var found struct {
					XMLName xml.Name `xml:"DescribeVpcsResponse"`
					Set     []vpc    `xml:"vpcSet>item"`
				}
				for _, id := range vpcs {
					found.Set = append(found.Set, vpc{id})
				}
				return found, nil
			case "DescribeAddresses":
				var found struct {
					XMLName xml.Name  `xml:"DescribeAddressesResponse"`
					Set     []address `xml:"addressesSet>item"`
				}
				for _, ip := range addresses {
					found.Set = append(found.Set, address{ip})
				}
				return found, nil
			}
			return nil, newError("InvalidAction", "action %q is not supported here", name)
		})
	})
}
