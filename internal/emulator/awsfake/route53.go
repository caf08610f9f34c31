package awsfake

import (
	"encoding/xml"
	"net/http"
)

// restXMLProtocol is REST-XML, as Route 53 uses it.
type restXMLProtocol struct{}

func (restXMLProtocol) writeResult(w http.ResponseWriter, _ string, result any) {
	writeXML(w, http.StatusOK, result)
}

func (restXMLProtocol) writeError(w http.ResponseWriter, err *Error) {
	type detail struct{ Type, Code, Message string }
	writeXML(w, err.status(), struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Error   detail
	}{Error: detail{"Sender", err.Code, err.Message}})
}

// NewRoute53 returns a fake of Route 53 with the operation GetHostedZone. zones has the
// names of the hosted zones by id.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html
func NewRoute53(o Options, zones map[string]string) http.Handler {
	o = o.withDefaults()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2013-04-01/hostedzone/{id}", func(w http.ResponseWriter, r *http.Request) {
		o.serve(w, r, restXMLProtocol{}, "GetHostedZone", func(signer) (any, error) {
			id := r.PathValue("id")
			name, ok := zones[id]
			if !ok {
				return nil, &Error{Status: http.StatusNotFound, Code: "NoSuchHostedZone", Message: "No hosted zone found with ID: " + id}
			}
			type zone struct{ Id, Name string }
			return struct {
				XMLName    xml.Name `xml:"GetHostedZoneResponse"`
				HostedZone zone
			}{HostedZone: zone{"/hostedzone/" + id, name + "."}}, nil
		})
	})
	return mux
}
