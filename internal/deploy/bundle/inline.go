package bundle

// cold lists the libraries that are compiled without inlining: a warm call runs little or
// none of their code. This saves 0.15 MB of each zip, and no start or call takes longer
// (docs/decisions/067-cold-libraries-not-inlined.md).
var cold = []string{
	"github.com/aws/aws-sdk-go-v2/...", "github.com/aws/smithy-go/...",
	"github.com/go-jose/go-jose/...",
	"github.com/google/jsonschema-go/...", "github.com/santhosh-tekuri/jsonschema/...", "golang.org/x/text/...", // linked by mcp-go
	"github.com/spf13/cast", "github.com/yosida95/uritemplate/...", "html/...", "text/template/...", // also linked by mcp-go
	"vendor/golang.org/x/...", // linked by net/http: international domain names, ciphers for processors without AES
}

// withoutInlining returns the arguments of "go build" for the libraries of cold.
func withoutInlining() []string {
	args := make([]string, 0, len(cold))
	for _, pattern := range cold {
		args = append(args, "-gcflags="+pattern+"=-l")
	}
	return args
}
