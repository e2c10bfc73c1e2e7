"""The wire report: the form of LinkedIn's requests and answers, without any value."""
