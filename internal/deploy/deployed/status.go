package deployed

import "strings"

// Problem describes the status and what to do about it, or returns "" if the last
// deployment succeeded. The statuses are listed
// in https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
func (s *Stack) Problem() string {
	events := "; the reason is in aws cloudformation describe-stack-events --stack-name " + s.Name + " --region " + s.Region
	state := "its state is " + s.Status
	switch status := s.Status; {
	case status == "REVIEW_IN_PROGRESS":
		return state + ": its first deployment was never started; run npx cdk deploy"
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		return state + ": wait until the deployment ends"
	case status == "ROLLBACK_COMPLETE", status == "ROLLBACK_FAILED", status == "CREATE_FAILED":
		return state + ": its first deployment failed" + events +
			". Then run npx cdk deploy, which replaces the stack" + s.unprotectFirst()
	case status == "UPDATE_ROLLBACK_COMPLETE":
		return state + ": the last update failed and was undone" + events
	case status == "UPDATE_ROLLBACK_FAILED":
		return state + ": the last update failed and could not be undone" + events + ". Then run npx cdk rollback"
	case status == "DELETE_FAILED":
		return state + ": it could not be deleted" + events + ". Then run npx cdk destroy again" + s.unprotectFirst()
	case strings.HasSuffix(status, "_FAILED"):
		return state + events
	}
	return ""
}

// unprotectFirst returns the step that must come before a protected stack is deleted
// or replaced, or "" if it is not protected.
func (s *Stack) unprotectFirst() string {
	if !s.Protected {
		return ""
	}
	return "; first turn termination protection off: " + s.UnprotectCommand()
}

// UnprotectCommand returns the command that turns termination protection off.
func (s *Stack) UnprotectCommand() string {
	return "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name " + s.Name + " --region " + s.Region
}
