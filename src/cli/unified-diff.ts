// Only what is used of a package that is loaded late goes into the bundle where its names are given here.
export { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
