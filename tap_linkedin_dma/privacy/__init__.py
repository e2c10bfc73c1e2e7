"""LinkedIn's terms on data: classes of columns, redaction of rows, masking of logs."""
