"""What the repository holds that follows from the code: the Meltano Hub definition, and the tables of the docs."""
